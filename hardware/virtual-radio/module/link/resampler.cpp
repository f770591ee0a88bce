#include "link/resampler.hpp"

#include <cmath>

namespace heliograph {
namespace {

constexpr int64_t kTaps = 32;
constexpr int64_t kPhases = 256;
constexpr int64_t kLanes = 8;
constexpr double kKaiserBeta = 9;
constexpr double kPi = 3.14159265358979323846;

// Modified Bessel function of the first kind and order 0, by its power series.
double bessel_i0(double x) {
    double sum = 1, term = 1;
    for (double k = 1; term > 1e-17 * sum; k++) sum += term *= (x / 2 / k) * (x / 2 / k);
    return sum;
}

double sinc(double x) {
    if (x == 0) return 1;
    // sin(pi n) is not quite zero in floating point.
    return x == std::floor(x) ? 0 : std::sin(kPi * x) / (kPi * x);
}

} // namespace

double windowed_sinc(double distance, double width, double half_length) {
    const double x = distance / half_length;
    const double window = bessel_i0(kKaiserBeta * std::sqrt(std::fmax(0, 1 - x * x))) / bessel_i0(kKaiserBeta);
    return width * sinc(width * distance) * window;
}

Resampler::Resampler(double width, double centre) : taps_(kTaps * static_cast<int64_t>(std::ceil(1 / width))), complex_(centre != 0) {
    for (int64_t phase = 0; phase <= kPhases; phase++)
        for (int64_t k = 0; k < taps_; k++) {
            const double distance = phase / double(kPhases) + behind() - k;
            const double value = windowed_sinc(distance, width, ahead());
            const double angle = 2 * kPi * centre * distance;
            re_.push_back(static_cast<float>(value * std::cos(angle)));
            if (complex_) im_.push_back(static_cast<float>(value * std::sin(angle)));
        }
}

// Sums of x * h over taps, h on a straight line between two rows; lanes of their own let the compiler use vectors.
static Sample dot(const float *x, const float *row, const float *next, float blend, int64_t taps) {
    float lanes[2 * kLanes] = {};
    for (int64_t k = 0; k < taps; k += kLanes)
        for (int64_t i = 0; i < kLanes; i++) {
            const float h = row[k + i] + blend * (next[k + i] - row[k + i]);
            lanes[2 * i] += h * x[2 * (k + i)];
            lanes[2 * i + 1] += h * x[2 * (k + i) + 1];
        }
    float re = 0, im = 0;
    for (int64_t i = 0; i < kLanes; i++) {
        re += lanes[2 * i];
        im += lanes[2 * i + 1];
    }
    return {re, im};
}

void Resampler::run(const Sample *input, double position, double step, Sample *output, size_t count) const {
    for (size_t j = 0; j < count; j++) {
        const double at = position + static_cast<double>(j) * step;
        const double whole = std::floor(at);
        const double phase = (at - whole) * kPhases;
        const auto row = static_cast<int64_t>(phase);
        const auto blend = static_cast<float>(phase - static_cast<double>(row));
        const auto *x = reinterpret_cast<const float *>(input + static_cast<int64_t>(whole) - behind());
        const float *re = &re_[static_cast<size_t>(row * taps_)];
        output[j] = dot(x, re, row < kPhases ? re + taps_ : re, blend, taps_);
        if (!complex_) continue;
        const float *im = &im_[static_cast<size_t>(row * taps_)];
        const Sample turned = dot(x, im, row < kPhases ? im + taps_ : im, blend, taps_);
        output[j] += Sample(-turned.imag(), turned.real());
    }
}

} // namespace heliograph
