#include "stream/format.hpp"

#include <SoapySDR/Formats.hpp>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "text/reject.hpp"

namespace heliograph {
namespace {

// NaN compares false both ways and becomes 0.
float limit(float x) { return x >= 1 ? 1 : x <= -1 ? -1 : x == x ? x : 0; }

template <typename Integer>
Integer convert(float x, float full_scale) {
    const float scaled = std::nearbyint(limit(x) * full_scale);
    return static_cast<Integer>(std::min(scaled, full_scale - 1));
}

template <typename Integer>
void from_integers(const void *source, float full_scale, Sample *samples, size_t count) {
    const auto *x = static_cast<const Integer *>(source);
    for (size_t i = 0; i < count; i++) samples[i] = Sample(x[2 * i] / full_scale, x[2 * i + 1] / full_scale);
}

template <typename Integer>
void to_integers(const Sample *samples, float full_scale, void *target, size_t count) {
    auto *x = static_cast<Integer *>(target);
    for (size_t i = 0; i < count; i++) {
        x[2 * i] = convert<Integer>(samples[i].real(), full_scale);
        x[2 * i + 1] = convert<Integer>(samples[i].imag(), full_scale);
    }
}

} // namespace

const std::vector<std::string> &format_names() {
    static const std::vector<std::string> names = {SOAPY_SDR_CF32, SOAPY_SDR_CS16, SOAPY_SDR_CS8};
    return names;
}

Format format_by_name(const std::string &name) {
    const auto &names = format_names();
    const auto at = std::find(names.begin(), names.end(), name);
    if (at == names.end()) reject("stream format", "'" + name + "'", join(names, ", "));
    return static_cast<Format>(at - names.begin());
}

size_t bytes_per_sample(Format format) { return format == Format::cf32 ? 8 : format == Format::cs16 ? 4 : 2; }

void clip(Sample *samples, size_t count) {
    auto *x = reinterpret_cast<float *>(samples);
    for (size_t i = 0; i < 2 * count; i++) x[i] = limit(x[i]);
}

void quantize_8_bit(Sample *samples, size_t count) {
    for (size_t i = 0; i < count; i++)
        samples[i] = Sample(convert<int8_t>(samples[i].real(), 128) / 128.0f, convert<int8_t>(samples[i].imag(), 128) / 128.0f);
}

void from_format(Format format, const void *source, Sample *samples, size_t count) {
    if (format == Format::cs16) from_integers<int16_t>(source, 32768, samples, count);
    else if (format == Format::cs8) from_integers<int8_t>(source, 128, samples, count);
    else std::memcpy(static_cast<void *>(samples), source, count * sizeof(Sample));
}

void to_format(Format format, const Sample *samples, void *target, size_t count) {
    if (format == Format::cs16) to_integers<int16_t>(samples, 32768, target, count);
    else if (format == Format::cs8) to_integers<int8_t>(samples, 128, target, count);
    else std::memcpy(target, samples, count * sizeof(Sample));
}

} // namespace heliograph
