#include "link/noise.hpp"

#include <array>
#include <cmath>
#include <memory>

namespace heliograph {
namespace {

constexpr size_t kQuantiles = 1 << 16;
using Table = std::array<float, kQuantiles>;

// Quantiles of the normal distribution at the middles of equal probabilities, by Newton's method from the last one.
std::unique_ptr<Table> quantiles() {
    auto table = std::make_unique<Table>();
    double x = 0, power = 0;
    for (size_t i = kQuantiles / 2; i < kQuantiles; i++) {
        // Of the upper tail, so that its digits are not lost in 1 - p.
        const double tail = (kQuantiles - i - 0.5) / kQuantiles;
        for (int step = 0; step < 8; step++) {
            const double density = std::exp(-x * x / 2) * 0.39894228040143268;
            x += (std::erfc(x * 0.70710678118654752) / 2 - tail) / density;
        }
        (*table)[i] = static_cast<float>(x);
        (*table)[kQuantiles - 1 - i] = static_cast<float>(-x);
        power += 2 * x * x / kQuantiles;
    }
    // A draw is the sum of two: unit variance in all.
    for (auto &value : *table) value *= static_cast<float>(1 / std::sqrt(2 * power));
    return table;
}

} // namespace

void add_noise(uint64_t seed, double power, int64_t first, Sample *samples, size_t count) {
    static const std::unique_ptr<Table> table = quantiles();
    const Table &draw = *table;
    const auto scale = static_cast<float>(std::sqrt(power / 2));
    const uint64_t stream = mix64(seed);
    for (size_t i = 0; i < count; i++) {
        const uint64_t bits = mix64(stream + (static_cast<uint64_t>(first) + i) * 0x9e3779b97f4a7c15);
        const float re = draw[bits & 0xffff] + draw[bits >> 16 & 0xffff];
        const float im = draw[bits >> 32 & 0xffff] + draw[bits >> 48];
        samples[i] += Sample(scale * re, scale * im);
    }
}

} // namespace heliograph
