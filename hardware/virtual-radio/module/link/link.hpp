// One sender as one receiver hears it. Every output sample is a function of its index: reads of any size agree.
//
// Order as in src/propagation: paths, clocks, mixer. A tuning difference beyond CFO also cuts what leaves the
// receiver's band. SFO counts from the start of each run of samples without a gap.
#pragma once
#include <memory>
#include <optional>
#include <vector>

#include "ether/layout.hpp"
#include "link/config.hpp"
#include "link/resampler.hpp"

namespace heliograph {

// How a receiver is set.
struct Tuning {
    double rate_hz = 0;
    double frequency_hz = 0;
    double bandwidth_hz = 0;
};

// Receiver sample m is at `offset` + `slope` m on the sender's index.
struct Mapping {
    long double offset;
    long double slope;
    long double at(int64_t m) const { return offset + slope * m; }
};

class Link {
public:
    Link(std::shared_ptr<const LinkConfig> config, const Segment &segment, const Tuning &tuning);

    bool fits(const Segment &segment, const Tuning &tuning) const;
    bool audible() const { return audible_; }
    Mapping mapping(const Segment &segment) const;
    // Sender samples that an output sample needs before and after its place.
    int64_t behind() const { return behind_; }
    int64_t ahead() const { return ahead_; }

    // Adds receiver samples [first, first + count) to `output`. `input` holds the sender's samples from index `base` on:
    // all that `behind` and `ahead` ask for.
    void add(const std::vector<Sample> &input, int64_t base, const Mapping &mapping, int64_t first, Sample *output, size_t count);

private:
    struct Coefficient {
        int64_t delay;
        Sample gain;
    };
    void set_band(const Segment &segment);
    void set_paths(double sender_rate_hz);
    void add_path(double delay_samples, std::complex<double> gain);
    void filter(const std::vector<Sample> &input);
    void rotate_and_add(int64_t first, Sample *output, size_t count) const;

    std::shared_ptr<const LinkConfig> config_;
    double sender_rate_hz_, sender_frequency_hz_, sender_bandwidth_hz_;
    Tuning tuning_;
    bool audible_ = true;
    std::optional<Resampler> resampler_;
    // Paths; empty for a single one, whose gain is in gain_.
    std::vector<Coefficient> paths_;
    int64_t longest_ = 0, earliest_ = 0;
    double delay_samples_;
    long double slope_;
    int64_t behind_ = 0, ahead_ = 0;
    float gain_;
    // Turns per receiver sample, as a fraction of 2^64, and the phasors of the first few samples.
    uint64_t turn_ = 0;
    std::vector<Sample> phasors_;
    std::vector<Sample> filtered_, heard_;
};

} // namespace heliograph
