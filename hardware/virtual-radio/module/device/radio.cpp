#include "device/radio.hpp"

#include <SoapySDR/Constants.h>

#include <stdexcept>

#include "text/reject.hpp"

namespace heliograph {

VirtualRadio::VirtualRadio(const SoapySDR::Kwargs &arguments)
    : options_(arguments), ether_(options_.ether, options_.pace, options_.id), scene_(arguments, ether_.id()), rx_settings_(SOAPY_SDR_RX, options_.emulation),
      tx_settings_(SOAPY_SDR_TX, options_.emulation), rx_(ether_, scene_, options_, unplugged_), tx_(ether_, options_, unplugged_) {}

SoapySDR::Kwargs VirtualRadio::getHardwareInfo() const {
    return {{"ether", ether_.name()}, {"id", ether_.id()}, {"pace", ether_.pace() == Pace::free ? "free" : "clock"}};
}

bool VirtualRadio::getFullDuplex(const int direction, const size_t channel) const {
    check_channel(direction, channel);
    return !hackrf();
}

void VirtualRadio::check_plugged() const {
    if (unplugged_) throw std::runtime_error("heliograph radio: unplugged (fault=unplug)");
}

const Settings &VirtualRadio::settings(int direction, size_t channel) const {
    check_channel(direction, channel);
    check_plugged();
    return direction == SOAPY_SDR_TX ? tx_settings_ : rx_settings_;
}

Settings &VirtualRadio::settings(int direction, size_t channel) {
    return const_cast<Settings &>(static_cast<const VirtualRadio *>(this)->settings(direction, channel));
}

void VirtualRadio::retune(int direction) {
    if (direction == SOAPY_SDR_TX) tx_.retune(tx_settings_.tuning());
    else rx_.retune(rx_settings_.tuning());
}

std::vector<std::string> VirtualRadio::listAntennas(const int direction, const size_t channel) const { return {settings(direction, channel).antenna()}; }

void VirtualRadio::setAntenna(const int direction, const size_t channel, const std::string &name) { settings(direction, channel).set_antenna(name); }

std::string VirtualRadio::getAntenna(const int direction, const size_t channel) const { return settings(direction, channel).antenna(); }

std::vector<std::string> VirtualRadio::listGains(const int direction, const size_t channel) const {
    check_channel(direction, channel);
    return {"PGA"};
}

void VirtualRadio::setGain(const int direction, const size_t channel, const double value) { setGain(direction, channel, "PGA", value); }

void VirtualRadio::setGain(const int direction, const size_t channel, const std::string &name, const double value) {
    if (name != "PGA") reject(check_channel(direction, channel) + " gain element", "'" + name + "'", "PGA");
    settings(direction, channel).set_gain(value);
    if (direction == SOAPY_SDR_TX) tx_.set_gain(value);
    else rx_.set_gain(value);
}

double VirtualRadio::getGain(const int direction, const size_t channel) const { return settings(direction, channel).gain(); }

double VirtualRadio::getGain(const int direction, const size_t channel, const std::string &) const { return settings(direction, channel).gain(); }

SoapySDR::Range VirtualRadio::getGainRange(const int direction, const size_t channel) const { return settings(direction, channel).gain_range(); }

SoapySDR::Range VirtualRadio::getGainRange(const int direction, const size_t channel, const std::string &) const { return settings(direction, channel).gain_range(); }

std::vector<std::string> VirtualRadio::listFrequencies(const int direction, const size_t channel) const {
    check_channel(direction, channel);
    return {"RF"};
}

void VirtualRadio::setFrequency(const int direction, const size_t channel, const std::string &name, const double hz, const SoapySDR::Kwargs &) {
    if (name != "RF") reject(check_channel(direction, channel) + " frequency", "'" + name + "'", "RF");
    settings(direction, channel).set_frequency(hz);
    retune(direction);
}

double VirtualRadio::getFrequency(const int direction, const size_t channel, const std::string &) const { return settings(direction, channel).tuning().frequency_hz; }

SoapySDR::RangeList VirtualRadio::getFrequencyRange(const int direction, const size_t channel, const std::string &) const {
    return {settings(direction, channel).frequency_range()};
}

void VirtualRadio::setSampleRate(const int direction, const size_t channel, const double rate) {
    Settings &chosen = settings(direction, channel);
    if (rate == chosen.tuning().rate_hz) return;
    if (direction == SOAPY_SDR_TX ? tx_.is_active() : rx_.is_active())
        reject(check_channel(direction, channel) + " sample rate", "a change while it streams", "changes while the stream is not active");
    chosen.set_rate(rate);
    retune(direction);
}

double VirtualRadio::getSampleRate(const int direction, const size_t channel) const { return settings(direction, channel).tuning().rate_hz; }

SoapySDR::RangeList VirtualRadio::getSampleRateRange(const int direction, const size_t channel) const { return {settings(direction, channel).rate_range()}; }

void VirtualRadio::setBandwidth(const int direction, const size_t channel, const double hz) {
    settings(direction, channel).set_bandwidth(hz);
    retune(direction);
}

double VirtualRadio::getBandwidth(const int direction, const size_t channel) const { return settings(direction, channel).tuning().bandwidth_hz; }

SoapySDR::RangeList VirtualRadio::getBandwidthRange(const int direction, const size_t channel) const { return {settings(direction, channel).bandwidth_range()}; }

bool VirtualRadio::hasHardwareTime(const std::string &what) const { return what.empty() && !hackrf(); }

long long VirtualRadio::getHardwareTime(const std::string &) const {
    check_plugged();
    const Ether::Guard guard(ether_);
    return ether_.now_ns() + offset_ns_;
}

void VirtualRadio::setHardwareTime(const long long time_ns, const std::string &what) {
    check_plugged();
    if (!hasHardwareTime(what)) reject("hardware time", "'" + what + "'", hackrf() ? "none" : "''");
    const Ether::Guard guard(ether_);
    offset_ns_ = clamp_time(static_cast<long double>(time_ns)) - ether_.now_ns();
}

} // namespace heliograph
