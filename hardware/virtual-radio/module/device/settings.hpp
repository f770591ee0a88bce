// What can be set on each direction, with ranges.
#pragma once
#include <SoapySDR/Device.hpp>

#include <atomic>
#include <mutex>

#include "device/options.hpp"
#include "link/link.hpp"

namespace heliograph {

// "receive" or "transmit"; throws for anything else, and for channels but 0.
std::string check_channel(int direction, size_t channel);

class Settings {
public:
    Settings(int direction, Emulation emulation) : direction_(direction), emulation_(emulation) {}

    SoapySDR::Range gain_range() const { return direction_ == SOAPY_SDR_TX ? SoapySDR::Range(-60, 20) : SoapySDR::Range(-60, 60); }
    SoapySDR::Range frequency_range() const { return SoapySDR::Range(1e6, 6e9); }
    SoapySDR::Range rate_range() const { return SoapySDR::Range(emulation_ == Emulation::hackrf ? 1e6 : 2e5, 2e7); }
    SoapySDR::Range bandwidth_range() const { return SoapySDR::Range(1e5, 2e7); }
    std::string antenna() const { return direction_ == SOAPY_SDR_TX ? "TX" : "RX"; }

    void set_gain(double db);
    void set_frequency(double hz);
    void set_rate(double hz);
    // 0: the filter follows the sample rate.
    void set_bandwidth(double hz);
    void set_antenna(const std::string &name) const;

    double gain() const { return gain_db_; }
    Tuning tuning() const;

private:
    double check(const std::string &what, double value, const SoapySDR::Range &range) const;

    int direction_;
    Emulation emulation_;
    mutable std::mutex mutex_;
    std::atomic<double> gain_db_{0};
    double rate_hz_ = 2e6, frequency_hz_ = 1e8, bandwidth_hz_ = 0;
};

} // namespace heliograph
