// The device arguments, checked.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "ether/layout.hpp"
#include "link/config.hpp"

namespace heliograph {

enum class Emulation { none, hackrf };

struct Faults {
    std::optional<uint64_t> overflow_at, unplug_at;
    uint64_t overflow_samples = 1000;
};

struct Options {
    // Throws for the first argument that is unknown or out of range.
    explicit Options(const Arguments &arguments);

    std::string ether = "default", id;
    std::optional<Pace> pace;
    Emulation emulation = Emulation::none;
    Faults faults;
    uint64_t buffer_samples = 262144;
    double tx_latency_ms = 10;
};

} // namespace heliograph
