// Values of a sampled signal between its samples, limited to the band that sender and receiver share: a sinc under a
// Kaiser window (Oppenheim & Schafer, "Discrete-Time Signal Processing", 3rd ed., 7.5.3), in a table over the fraction.
#pragma once
#include <cstdint>
#include <vector>

#include "ether/layout.hpp"

namespace heliograph {

// The ideal low-pass of `width` (in cycles per sample, at most 1) under the window, at a distance in samples.
double windowed_sinc(double distance, double width, double half_length);

class Resampler {
public:
    // `width` and `centre` of the band, in cycles per input sample.
    Resampler(double width, double centre);

    int64_t behind() const { return taps_ / 2 - 1; }
    int64_t ahead() const { return taps_ / 2; }

    // output[j] = the input at `position` + j * `step` samples from input[0], which has `behind` samples before it.
    void run(const Sample *input, double position, double step, Sample *output, size_t count) const;

private:
    int64_t taps_;
    bool complex_;
    // kPhases + 1 rows of taps; the imaginary parts only where the band is off centre.
    std::vector<float> re_, im_;
};

} // namespace heliograph
