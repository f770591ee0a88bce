// The SoapySDR device: settings.cpp answers for what can be set, the streams do the rest.
#pragma once
#include <SoapySDR/Device.hpp>

#include "device/options.hpp"
#include "device/settings.hpp"
#include "stream/rx_stream.hpp"
#include "stream/tx_stream.hpp"

namespace heliograph {

class VirtualRadio : public SoapySDR::Device {
public:
    explicit VirtualRadio(const SoapySDR::Kwargs &arguments);

    std::string getDriverKey() const override { return "heliograph"; }
    std::string getHardwareKey() const override { return hackrf() ? "virtual radio as HackRF" : "virtual radio"; }
    SoapySDR::Kwargs getHardwareInfo() const override;
    size_t getNumChannels(const int) const override { return 1; }
    bool getFullDuplex(const int direction, const size_t channel) const override;

    std::vector<std::string> getStreamFormats(const int direction, const size_t channel) const override;
    std::string getNativeStreamFormat(const int direction, const size_t channel, double &full_scale) const override;
    SoapySDR::Stream *setupStream(const int direction, const std::string &format, const std::vector<size_t> &channels, const SoapySDR::Kwargs &arguments) override;
    void closeStream(SoapySDR::Stream *stream) override;
    size_t getStreamMTU(SoapySDR::Stream *stream) const override;
    int activateStream(SoapySDR::Stream *stream, const int flags, const long long time_ns, const size_t count) override;
    int deactivateStream(SoapySDR::Stream *stream, const int flags, const long long time_ns) override;
    int readStream(SoapySDR::Stream *stream, void *const *buffers, const size_t count, int &flags, long long &time_ns, const long timeout_us) override;
    int writeStream(SoapySDR::Stream *stream, const void *const *buffers, const size_t count, int &flags, const long long time_ns, const long timeout_us) override;
    int readStreamStatus(SoapySDR::Stream *stream, size_t &channels, int &flags, long long &time_ns, const long timeout_us) override;

    std::vector<std::string> listAntennas(const int direction, const size_t channel) const override;
    void setAntenna(const int direction, const size_t channel, const std::string &name) override;
    std::string getAntenna(const int direction, const size_t channel) const override;

    std::vector<std::string> listGains(const int direction, const size_t channel) const override;
    void setGain(const int direction, const size_t channel, const double value) override;
    void setGain(const int direction, const size_t channel, const std::string &name, const double value) override;
    double getGain(const int direction, const size_t channel) const override;
    double getGain(const int direction, const size_t channel, const std::string &name) const override;
    SoapySDR::Range getGainRange(const int direction, const size_t channel) const override;
    SoapySDR::Range getGainRange(const int direction, const size_t channel, const std::string &name) const override;

    using SoapySDR::Device::getFrequency;
    using SoapySDR::Device::getFrequencyRange;
    using SoapySDR::Device::setFrequency;
    std::vector<std::string> listFrequencies(const int direction, const size_t channel) const override;
    void setFrequency(const int direction, const size_t channel, const std::string &name, const double hz, const SoapySDR::Kwargs &arguments) override;
    double getFrequency(const int direction, const size_t channel, const std::string &name) const override;
    SoapySDR::RangeList getFrequencyRange(const int direction, const size_t channel, const std::string &name) const override;

    void setSampleRate(const int direction, const size_t channel, const double rate) override;
    double getSampleRate(const int direction, const size_t channel) const override;
    SoapySDR::RangeList getSampleRateRange(const int direction, const size_t channel) const override;
    void setBandwidth(const int direction, const size_t channel, const double hz) override;
    double getBandwidth(const int direction, const size_t channel) const override;
    SoapySDR::RangeList getBandwidthRange(const int direction, const size_t channel) const override;

    bool hasHardwareTime(const std::string &what) const override;
    long long getHardwareTime(const std::string &what) const override;
    void setHardwareTime(const long long time_ns, const std::string &what) override;

private:
    bool hackrf() const { return options_.emulation == Emulation::hackrf; }
    void check_plugged() const;
    const Settings &settings(int direction, size_t channel) const;
    Settings &settings(int direction, size_t channel);
    void retune(int direction);
    bool is_rx(const SoapySDR::Stream *stream) const;
    bool is_tx(const SoapySDR::Stream *stream) const;

    Options options_;
    mutable Ether ether_;
    Scene scene_;
    // The device's clock minus the ether's.
    std::atomic<int64_t> offset_ns_{0};
    std::atomic<bool> unplugged_{false};
    Settings rx_settings_, tx_settings_;
    RxStream rx_;
    TxStream tx_;
};

} // namespace heliograph
