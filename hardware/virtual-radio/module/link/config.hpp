// What lies between two antennas, and what a receiver adds: names and units of the channels in docs/channels.
#pragma once
#include <complex>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "text/toml.hpp"

namespace heliograph {

constexpr double kMaxDelaySamples = 200000;
constexpr double kMaxDelayS = 0.01;
constexpr double kMaxTapSamples = 4096;
constexpr size_t kMaxTaps = 64;

// One path, in samples of the sender or in ns.
struct Tap {
    double delay_samples = 0;
    double delay_ns = 0;
    double gain_db = 0;
    double phase_deg = 0;
};

struct LinkConfig {
    double gain_db = 0;
    double cfo_hz = 0;
    double sfo_ppm = 0;
    // Both add up: samples of the sender, and seconds.
    double delay_samples = 0;
    double delay_s = 0;
    std::vector<Tap> taps;
    // Taps are scaled to unit power in all.
    bool unit_power = true;
};

struct Drops {
    double probability = 0;
    uint64_t min_samples = 1;
    uint64_t max_samples = 131072;
};

struct ReceiverConfig {
    // Power within the sample rate, and power in a hertz, relative to full scale; both add up.
    double noise_dbfs = -std::numeric_limits<double>::infinity();
    double noise_dbfs_hz = -std::numeric_limits<double>::infinity();
    Drops drops;
    uint64_t seed = 1;
};

using Arguments = std::map<std::string, std::string>;

// A receiver's view of the scene.
class Scene {
public:
    // From the arguments of the radio `id` and the scene file that they name.
    Scene(const Arguments &arguments, const std::string &id);
    // The link from another radio, or from this one itself; null where nothing gets through.
    std::shared_ptr<const LinkConfig> link_from(const std::string &sender) const;
    const ReceiverConfig &receiver() const { return receiver_; }

private:
    struct Entry {
        std::string from;
        std::shared_ptr<const LinkConfig> link;
    };
    void read_links(const std::string &file, const TomlValue &list);
    void read_receivers(const std::string &file, const TomlValue &list);

    std::string id_;
    std::vector<Entry> entries_;
    std::shared_ptr<const LinkConfig> others_, itself_;
    ReceiverConfig receiver_;
};

// The arguments that Scene understands.
const std::vector<std::string> &scene_arguments();

} // namespace heliograph
