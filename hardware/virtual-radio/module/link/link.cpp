#include "link/link.hpp"

#include <algorithm>
#include <cmath>

namespace heliograph {
namespace {

constexpr double kTau = 6.28318530717958647692;
constexpr size_t kPhasors = 256;
// Less of the sender's band than this is taken for nothing: it bounds the length of the filter.
constexpr double kLeastWidth = 0.01;

Sample phasor(uint64_t turns) {
    const double angle = static_cast<double>(turns) / 18446744073709551616.0 * kTau;
    return Sample(static_cast<float>(std::cos(angle)), static_cast<float>(std::sin(angle)));
}

// A fraction of a turn in 64 bits; whole turns drop out.
uint64_t turns(double cycles_per_sample) {
    const long double fraction = std::fmod(static_cast<long double>(cycles_per_sample), 1.0L);
    return static_cast<uint64_t>(static_cast<int64_t>(fraction * 9223372036854775808.0L)) << 1;
}

bool whole(double x) { return x == std::floor(x); }

Sample times(Sample a, Sample b) {
    return Sample(a.real() * b.real() - a.imag() * b.imag(), a.real() * b.imag() + a.imag() * b.real());
}

} // namespace

Link::Link(std::shared_ptr<const LinkConfig> config, const Segment &segment, const Tuning &tuning)
    : config_(std::move(config)), sender_rate_hz_(segment.rate_hz), sender_frequency_hz_(segment.frequency_hz),
      sender_bandwidth_hz_(segment.bandwidth_hz), tuning_(tuning) {
    delay_samples_ = config_ ? config_->delay_samples + config_->delay_s * sender_rate_hz_ : 0;
    const long double sfo = config_ ? 1e-6L * config_->sfo_ppm : 0;
    slope_ = static_cast<long double>(sender_rate_hz_) / tuning_.rate_hz * (1 + sfo);
    gain_ = config_ ? static_cast<float>(std::pow(10, config_->gain_db / 20)) : 0;
    audible_ = config_ != nullptr;
    if (!audible_) return;
    set_band(segment);
    set_paths(sender_rate_hz_);
    if (!resampler_ && (slope_ != 1 || !whole(delay_samples_))) resampler_.emplace(1, 0);
    behind_ = longest_ + (resampler_ ? resampler_->behind() : 0);
    ahead_ = (resampler_ ? resampler_->ahead() : 0) - earliest_;
}

bool Link::fits(const Segment &segment, const Tuning &tuning) const {
    return segment.rate_hz == sender_rate_hz_ && segment.frequency_hz == sender_frequency_hz_ && segment.bandwidth_hz == sender_bandwidth_hz_ &&
           tuning.rate_hz == tuning_.rate_hz && tuning.frequency_hz == tuning_.frequency_hz && tuning.bandwidth_hz == tuning_.bandwidth_hz;
}

// The part of the sender's band that the receiver's filter lets through, and the shift between them.
void Link::set_band(const Segment &segment) {
    const double tuned_apart = segment.frequency_hz - tuning_.frequency_hz;
    const double shift_hz = tuned_apart + config_->cfo_hz;
    turn_ = turns(shift_hz / tuning_.rate_hz);
    for (size_t i = 0; i < kPhasors && turn_ != 0; i++) phasors_.push_back(phasor(turn_ * i));
    const double sent = std::min(segment.bandwidth_hz, segment.rate_hz) / 2;
    const double heard = std::min(tuning_.bandwidth_hz, tuning_.rate_hz) / 2;
    const double low = std::max(-sent, -heard - tuned_apart), high = std::min(sent, heard - tuned_apart);
    const double width = (high - low) / segment.rate_hz;
    audible_ = width > kLeastWidth;
    if (audible_ && width < 1) resampler_.emplace(width, (high + low) / 2 / segment.rate_hz);
}

void Link::set_paths(double sender_rate_hz) {
    double power = 0;
    for (const auto &tap : config_->taps) power += std::pow(10, tap.gain_db / 10);
    const double scale = config_->unit_power && power > 0 ? 1 / std::sqrt(power) : 1;
    for (const auto &tap : config_->taps)
        add_path(std::min(tap.delay_samples + tap.delay_ns * 1e-9 * sender_rate_hz, 2 * kMaxTapSamples),
                 std::polar(scale * std::pow(10, tap.gain_db / 20), tap.phase_deg / 360 * kTau));
    for (const auto &path : paths_) {
        longest_ = std::max(longest_, path.delay);
        earliest_ = std::min(earliest_, path.delay);
    }
}

void Link::add_path(double delay_samples, std::complex<double> gain) {
    if (whole(delay_samples)) {
        paths_.push_back({static_cast<int64_t>(delay_samples), Sample(gain)});
        return;
    }
    constexpr int64_t half = 16;
    const auto nearest = static_cast<int64_t>(std::floor(delay_samples));
    for (int64_t delay = nearest - half + 1; delay <= nearest + half; delay++)
        paths_.push_back({delay, Sample(gain * windowed_sinc(delay - delay_samples, 1, half))});
}

Mapping Link::mapping(const Segment &segment) const {
    const long double ratio = static_cast<long double>(sender_rate_hz_) / tuning_.rate_hz;
    // The clocks agree at the start of the run.
    const long double drift = slope_ / ratio;
    return {segment.start * (1 - drift) - delay_samples_ * drift, slope_};
}

// y[n] = sum of gain * x[n - delay], for all n whose inputs are there.
void Link::filter(const std::vector<Sample> &input) {
    const auto reach = static_cast<size_t>(longest_ - earliest_);
    const size_t count = input.size() > reach ? input.size() - reach : 0;
    filtered_.assign(count, Sample());
    for (const auto &path : paths_) {
        const Sample *x = input.data() + (longest_ - path.delay);
        for (size_t n = 0; n < count; n++) filtered_[n] += times(path.gain, x[n]);
    }
}

void Link::add(const std::vector<Sample> &input, int64_t base, const Mapping &mapping, int64_t first, Sample *output, size_t count) {
    if (!paths_.empty()) filter(input);
    const std::vector<Sample> &sent = paths_.empty() ? input : filtered_;
    const int64_t origin = base + longest_;
    const long double position = mapping.at(first) - origin;
    heard_.resize(count);
    if (resampler_) {
        resampler_->run(sent.data(), static_cast<double>(position), static_cast<double>(slope_), heard_.data(), count);
    } else {
        std::copy_n(sent.data() + static_cast<int64_t>(position), count, heard_.data());
    }
    rotate_and_add(first, output, count);
}

void Link::rotate_and_add(int64_t first, Sample *output, size_t count) const {
    if (turn_ == 0) {
        for (size_t i = 0; i < count; i++) output[i] += gain_ * heard_[i];
        return;
    }
    for (size_t done = 0; done < count;) {
        // Groups start at multiples of their length, so that rounding is the same for all sizes of reads.
        const uint64_t index = static_cast<uint64_t>(first) + done;
        const size_t within = index % kPhasors, group = std::min(kPhasors - within, count - done);
        const Sample anchor = gain_ * phasor(turn_ * (index - within));
        for (size_t i = 0; i < group; i++) output[done + i] += times(times(anchor, phasors_[within + i]), heard_[done + i]);
        done += group;
    }
}

} // namespace heliograph
