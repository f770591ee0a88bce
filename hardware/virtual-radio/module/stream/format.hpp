// The sample formats of the streams: full scale is 1, 2^15 and 2^7.
#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include "ether/layout.hpp"

namespace heliograph {

enum class Format { cf32, cs16, cs8 };

const std::vector<std::string> &format_names();
Format format_by_name(const std::string &name);
size_t bytes_per_sample(Format format);

// Limits I and Q to what a converter can give; not a number becomes 0.
void clip(Sample *samples, size_t count);
// Rounds I and Q to steps of a converter of 8 bits.
void quantize_8_bit(Sample *samples, size_t count);

void from_format(Format format, const void *source, Sample *samples, size_t count);
void to_format(Format format, const Sample *samples, void *target, size_t count);

} // namespace heliograph
