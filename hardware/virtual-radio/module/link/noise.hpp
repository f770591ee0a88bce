// White Gaussian noise as a function of seed and sample index: the same whatever the sizes of reads.
#pragma once
#include <cstdint>

#include "ether/layout.hpp"

namespace heliograph {

// One step of a 64-bit mixing function (SplitMix64, Steele, Lea and Flood 2014).
inline uint64_t mix64(uint64_t x) {
    x += 0x9e3779b97f4a7c15;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
    x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
    return x ^ (x >> 31);
}

// Adds noise of `power` per complex sample to samples `first`, `first` + 1, ...
void add_noise(uint64_t seed, double power, int64_t first, Sample *samples, size_t count);

} // namespace heliograph
