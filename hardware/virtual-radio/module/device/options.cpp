#include "device/options.hpp"

#include <algorithm>

#include "text/reject.hpp"

namespace heliograph {
namespace {

// Those that SoapySDR and its programs add.
const char *const kIgnored[] = {"driver", "label", "serial", "soapy", "type"};

void check_names(const Arguments &arguments) {
    std::vector<std::string> known = {"ether", "id", "pace", "emulate", "fault", "buffer", "tx_latency_ms"};
    known.insert(known.end(), scene_arguments().begin(), scene_arguments().end());
    for (const auto &argument : arguments) {
        const bool ignored = std::find(std::begin(kIgnored), std::end(kIgnored), argument.first) != std::end(kIgnored);
        const bool found = std::find(known.begin(), known.end(), argument.first) != known.end();
        if (!ignored && !found) reject("device arguments", "'" + argument.first + "'", join(known, ", "));
    }
}

Pace read_pace(const std::string &text) {
    if (text != "clock" && text != "free") reject("pace", "'" + text + "'", "clock, free");
    return text == "free" ? Pace::free : Pace::clock;
}

// overflow@N[:LENGTH], unplug@N, or one of each with ';' between.
Faults read_faults(const std::string &text) {
    Faults faults;
    for (const auto &fault : split(text, ';')) {
        const auto parts = split(fault, '@');
        const auto numbers = split(parts.size() == 2 ? parts[1] : "", ':');
        const bool again = (parts[0] == "overflow" && faults.overflow_at) || (parts[0] == "unplug" && faults.unplug_at);
        if (again) reject("fault", "a second '" + parts[0] + "'", "one overflow, one unplug");
        if (parts.size() == 2 && parts[0] == "overflow" && numbers.size() <= 2) {
            faults.overflow_at = read_whole("fault", numbers[0], 0, UINT64_MAX / 4);
            if (numbers.size() == 2) faults.overflow_samples = read_whole("fault", numbers[1], 1, 16777216);
        } else if (parts.size() == 2 && parts[0] == "unplug") {
            faults.unplug_at = read_whole("fault", parts[1], 0, UINT64_MAX / 4);
        } else {
            reject("fault", "'" + fault + "'", "overflow@SAMPLE, overflow@SAMPLE:LENGTH, unplug@SAMPLE");
        }
    }
    return faults;
}

} // namespace

Options::Options(const Arguments &arguments) {
    check_names(arguments);
    const auto text = [&](const char *name) -> const std::string * {
        const auto at = arguments.find(name);
        return at == arguments.end() ? nullptr : &at->second;
    };
    if (const auto *value = text("ether")) ether = *value;
    if (const auto *value = text("id")) id = *value;
    if (const auto *value = text("pace")) pace = read_pace(*value);
    if (const auto *value = text("fault")) faults = read_faults(*value);
    if (const auto *value = text("buffer")) buffer_samples = read_whole("buffer", *value, 16384, kRingSamples / 2);
    if (const auto *value = text("tx_latency_ms")) tx_latency_ms = read_number("tx_latency_ms", *value, 0, 1000);
    if (const auto *value = text("emulate")) {
        if (*value != "hackrf") reject("emulate", "'" + *value + "'", "hackrf");
        emulation = Emulation::hackrf;
    }
}

} // namespace heliograph
