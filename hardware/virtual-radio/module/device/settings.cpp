#include "device/settings.hpp"

#include <SoapySDR/Constants.h>

#include "text/reject.hpp"

namespace heliograph {

std::string check_channel(int direction, size_t channel) {
    if (direction != SOAPY_SDR_TX && direction != SOAPY_SDR_RX) reject("direction", std::to_string(direction), "0 (transmit), 1 (receive)");
    const std::string name = direction == SOAPY_SDR_TX ? "transmit" : "receive";
    if (channel != 0) reject(name + " channel", std::to_string(channel), "0");
    return name;
}

double Settings::check(const std::string &what, double value, const SoapySDR::Range &range) const {
    return within(check_channel(direction_, 0) + " " + what, value, range.minimum(), range.maximum());
}

void Settings::set_gain(double db) { gain_db_ = check("gain (dB)", db, gain_range()); }

void Settings::set_frequency(double hz) {
    const double checked = check("frequency (Hz)", hz, frequency_range());
    const std::lock_guard<std::mutex> lock(mutex_);
    frequency_hz_ = checked;
}

void Settings::set_rate(double hz) {
    const double checked = check("sample rate (samples/s)", hz, rate_range());
    const std::lock_guard<std::mutex> lock(mutex_);
    rate_hz_ = checked;
}

void Settings::set_bandwidth(double hz) {
    const double checked = hz == 0 ? 0 : check("bandwidth (Hz)", hz, bandwidth_range());
    const std::lock_guard<std::mutex> lock(mutex_);
    bandwidth_hz_ = checked;
}

void Settings::set_antenna(const std::string &name) const {
    if (name != antenna()) reject(check_channel(direction_, 0) + " antenna", "'" + name + "'", antenna());
}

Tuning Settings::tuning() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return {rate_hz_, frequency_hz_, bandwidth_hz_ > 0 ? bandwidth_hz_ : rate_hz_};
}

} // namespace heliograph
