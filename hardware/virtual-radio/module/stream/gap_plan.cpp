#include <cmath>

#include "link/noise.hpp"
#include "stream/receiver.hpp"

namespace heliograph {

// The distance to the next gap is geometric, its length uniform.
void GapPlan::draw(uint64_t from) {
    at_ = UINT64_MAX;
    if (drops_.probability <= 0) return;
    const double u = (static_cast<double>(mix64(state_++) >> 11) + 1) / 9007199254740993.0;
    const double gap = drops_.probability >= 1 ? 0 : std::floor(std::log(u) / std::log1p(-drops_.probability));
    if (gap > 1e18) return;
    at_ = from + static_cast<uint64_t>(gap);
    length_ = drops_.min_samples + mix64(state_++) % (drops_.max_samples - drops_.min_samples + 1);
}

} // namespace heliograph
