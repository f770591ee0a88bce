#include "link/config.hpp"

#include <algorithm>
#include <functional>

#include "text/reject.hpp"

namespace heliograph {
namespace {

// Fields of a table, each read once; what is left over is an error that lists the known names.
class Fields {
public:
    Fields(const std::string &where, const TomlValue &table) : where_(where), table_(table) {
        if (table.kind != TomlValue::Kind::table) reject(where, "something else", "a table");
    }

    void number(const std::string &name, double &into, double min, double max) {
        if (const TomlValue *value = find(name, TomlValue::Kind::number, "a number")) into = within(where_ + "." + name, value->number, min, max);
    }

    void whole(const std::string &name, uint64_t &into, double min, double max) {
        double number = static_cast<double>(into);
        this->number(name, number, min, max);
        if (number != static_cast<double>(static_cast<uint64_t>(number))) reject(where_ + "." + name, show(number), "a whole number");
        into = static_cast<uint64_t>(number);
    }

    void text(const std::string &name, std::string &into) {
        if (const TomlValue *value = find(name, TomlValue::Kind::text, "a string")) into = value->text;
    }

    const TomlValue *find(const std::string &name, TomlValue::Kind kind, const std::string &allowed) {
        known_.push_back(name);
        const auto at = table_.fields.find(name);
        if (at == table_.fields.end()) return nullptr;
        if (at->second.kind != kind) reject(where_ + "." + name, "another type", allowed);
        return &at->second;
    }

    void nothing_else() const {
        for (const auto &field : table_.fields)
            if (std::find(known_.begin(), known_.end(), field.first) == known_.end())
                reject(where_, "the field '" + field.first + "'", join(known_, ", "));
    }

private:
    std::string where_;
    const TomlValue &table_;
    std::vector<std::string> known_;
};

void check_taps(const std::string &where, const std::vector<Tap> &taps) {
    if (taps.empty() || taps.size() > kMaxTaps) reject(where, std::to_string(taps.size()) + " taps", "1 to " + std::to_string(kMaxTaps) + " taps");
    for (const auto &tap : taps) {
        within(where + ".delay_samples", tap.delay_samples, 0, kMaxTapSamples);
        within(where + ".delay_ns", tap.delay_ns, 0, 1e6);
        within(where + ".gain_db", tap.gain_db, -200, 60);
        within(where + ".phase_deg", tap.phase_deg, -36000, 36000);
    }
}

bool unit_power(const std::string &where, const std::string &name) {
    if (name != "unit" && name != "as-given") reject(where, "'" + name + "'", "unit, as-given");
    return name == "unit";
}

void read_multipath(const std::string &where, const TomlValue &table, LinkConfig &link) {
    Fields fields(where, table);
    std::string profile = "static", power = "unit";
    fields.text("profile", profile);
    fields.text("tap_power", power);
    if (profile != "static") reject(where + ".profile", "'" + profile + "'", "static; fading is the business of the channels in docs/channels");
    link.unit_power = unit_power(where + ".tap_power", power);
    if (const TomlValue *taps = fields.find("taps", TomlValue::Kind::array, "an array of tables"))
        for (const auto &entry : taps->items) {
            Tap tap;
            Fields path(where + ".taps", entry);
            path.number("delay_samples", tap.delay_samples, 0, kMaxTapSamples);
            path.number("delay_ns", tap.delay_ns, 0, 1e6);
            path.number("gain_db", tap.gain_db, -200, 60);
            path.number("phase_deg", tap.phase_deg, -36000, 36000);
            path.nothing_else();
            link.taps.push_back(tap);
        }
    fields.nothing_else();
    check_taps(where + ".taps", link.taps);
}

void read_drops(const std::string &where, const TomlValue &table, Drops &drops) {
    Fields fields(where, table);
    fields.number("probability", drops.probability, 0, 1);
    fields.whole("min_samples", drops.min_samples, 1, 16777216);
    fields.whole("max_samples", drops.max_samples, 1, 16777216);
    fields.nothing_else();
    if (drops.min_samples > drops.max_samples) reject(where + ".min_samples", std::to_string(drops.min_samples), "at most max_samples, " + std::to_string(drops.max_samples));
}

// multipath=delay_samples:gain_db:phase_deg;...
std::vector<Tap> taps_argument(const std::string &text) {
    std::vector<Tap> taps;
    for (const auto &path : split(text, ';')) {
        const auto parts = split(path, ':');
        if (parts.size() > 3) reject("multipath", "'" + path + "'", "delay_samples:gain_db:phase_deg;...");
        Tap tap;
        double *const into[] = {&tap.delay_samples, &tap.gain_db, &tap.phase_deg};
        for (size_t i = 0; i < parts.size(); i++) *into[i] = read_number("multipath", parts[i], -36000, 36000);
        taps.push_back(tap);
    }
    check_taps("multipath", taps);
    return taps;
}

// drops=probability:min_samples:max_samples
Drops drops_argument(const std::string &text) {
    Drops drops;
    const auto parts = split(text, ':');
    if (parts.size() > 3) reject("drops", "'" + text + "'", "probability:min_samples:max_samples");
    drops.probability = read_number("drops", parts[0], 0, 1);
    if (parts.size() > 1) drops.min_samples = read_whole("drops", parts[1], 1, 16777216);
    if (parts.size() > 2) drops.max_samples = read_whole("drops", parts[2], 1, 16777216);
    if (drops.min_samples > drops.max_samples) reject("drops", "'" + text + "'", "min_samples at most max_samples");
    return drops;
}

LinkConfig link_arguments(const Arguments &arguments) {
    LinkConfig link;
    const auto number = [&](const char *name, double &into, double min, double max) {
        const auto at = arguments.find(name);
        if (at != arguments.end()) into = read_number(name, at->second, min, max);
    };
    number("gain_db", link.gain_db, -200, 60);
    number("cfo_hz", link.cfo_hz, -1e7, 1e7);
    number("sfo_ppm", link.sfo_ppm, -1000, 1000);
    number("delay_samples", link.delay_samples, 0, kMaxDelaySamples);
    number("delay_s", link.delay_s, 0, kMaxDelayS);
    if (const auto at = arguments.find("multipath"); at != arguments.end()) link.taps = taps_argument(at->second);
    if (const auto at = arguments.find("tap_power"); at != arguments.end()) link.unit_power = unit_power("tap_power", at->second);
    return link;
}

ReceiverConfig receiver_arguments(const Arguments &arguments) {
    ReceiverConfig receiver;
    const auto with = [&](const char *name, const std::function<void(const std::string &)> &read) {
        if (const auto at = arguments.find(name); at != arguments.end()) read(at->second);
    };
    with("noise_dbfs", [&](const std::string &text) { receiver.noise_dbfs = read_number("noise_dbfs", text, -300, 20); });
    with("noise_dbfs_hz", [&](const std::string &text) { receiver.noise_dbfs_hz = read_number("noise_dbfs_hz", text, -400, 20); });
    with("drops", [&](const std::string &text) { receiver.drops = drops_argument(text); });
    with("seed", [&](const std::string &text) { receiver.seed = read_whole("seed", text, 0, UINT64_MAX); });
    return receiver;
}

} // namespace

const std::vector<std::string> &scene_arguments() {
    static const std::vector<std::string> names = {"scene",       "gain_db",   "cfo_hz",     "sfo_ppm",       "delay_samples", "delay_s",
                                                   "multipath",   "tap_power", "noise_dbfs", "noise_dbfs_hz", "drops",         "seed",
                                                   "leakage_db"};
    return names;
}

Scene::Scene(const Arguments &arguments, const std::string &id) : id_(id), receiver_(receiver_arguments(arguments)) {
    others_ = std::make_shared<LinkConfig>(link_arguments(arguments));
    if (const auto at = arguments.find("leakage_db"); at != arguments.end()) {
        LinkConfig itself;
        itself.gain_db = read_number("leakage_db", at->second, -200, 60);
        itself_ = std::make_shared<LinkConfig>(itself);
    }
    const auto at = arguments.find("scene");
    if (at == arguments.end()) return;
    const std::string name = "scene " + at->second;
    const TomlValue file = read_toml_file(at->second);
    Fields fields(name, file);
    if (const TomlValue *links = fields.find("link", TomlValue::Kind::array, "[[link]]")) read_links(name, *links);
    if (const TomlValue *receivers = fields.find("receiver", TomlValue::Kind::array, "[[receiver]]")) read_receivers(name, *receivers);
    fields.nothing_else();
}

// Every entry is checked, also those for other receivers.
void Scene::read_links(const std::string &file, const TomlValue &list) {
    for (size_t i = 0; i < list.items.size(); i++) {
        const std::string where = file + ": link[" + std::to_string(i) + "]";
        Fields fields(where, list.items[i]);
        std::string from = "*", to = "*";
        LinkConfig link;
        fields.text("from", from);
        fields.text("to", to);
        fields.number("gain_db", link.gain_db, -200, 60);
        fields.number("cfo_hz", link.cfo_hz, -1e7, 1e7);
        fields.number("sfo_ppm", link.sfo_ppm, -1000, 1000);
        fields.number("delay_samples", link.delay_samples, 0, kMaxDelaySamples);
        fields.number("delay_s", link.delay_s, 0, kMaxDelayS);
        if (const TomlValue *multipath = fields.find("multipath", TomlValue::Kind::table, "a table")) read_multipath(where + ".multipath", *multipath, link);
        fields.nothing_else();
        if (to == "*" || to == id_) entries_.push_back({from, std::make_shared<LinkConfig>(link)});
    }
}

void Scene::read_receivers(const std::string &file, const TomlValue &list) {
    bool found = false;
    for (size_t i = 0; i < list.items.size(); i++) {
        const std::string where = file + ": receiver[" + std::to_string(i) + "]";
        Fields fields(where, list.items[i]);
        std::string id = "*";
        ReceiverConfig receiver = receiver_;
        fields.text("id", id);
        fields.number("noise_dbfs", receiver.noise_dbfs, -300, 20);
        fields.number("noise_dbfs_hz", receiver.noise_dbfs_hz, -400, 20);
        fields.whole("seed", receiver.seed, 0, 9007199254740992.0);
        if (const TomlValue *drops = fields.find("drops", TomlValue::Kind::table, "a table")) read_drops(where + ".drops", *drops, receiver.drops);
        fields.nothing_else();
        if (found || (id != "*" && id != id_)) continue;
        receiver_ = receiver;
        found = true;
    }
}

std::shared_ptr<const LinkConfig> Scene::link_from(const std::string &sender) const {
    for (const auto &entry : entries_)
        // A wildcard means the others; a radio hears itself only where that is asked for.
        if (entry.from == sender || (entry.from == "*" && sender != id_)) return entry.link;
    return sender == id_ ? itself_ : others_;
}

} // namespace heliograph
