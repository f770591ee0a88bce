#include <SoapySDR/Constants.h>
#include <SoapySDR/Errors.h>
#include <SoapySDR/Formats.h>
#include <SoapySDR/Logger.hpp>

#include "device/radio.hpp"
#include "text/reject.hpp"

namespace heliograph {
namespace {

// An error of the ether during a stream call: said once in the log, then by its code.
template <typename Call>
int guarded(Call call) {
    try {
        return call();
    } catch (const std::exception &error) {
        SoapySDR::log(SOAPY_SDR_ERROR, error.what());
        return SOAPY_SDR_STREAM_ERROR;
    }
}

} // namespace

// The handle of a stream is its address.
bool VirtualRadio::is_rx(const SoapySDR::Stream *stream) const { return static_cast<const void *>(stream) == &rx_ && rx_.is_open(); }

bool VirtualRadio::is_tx(const SoapySDR::Stream *stream) const { return static_cast<const void *>(stream) == &tx_ && tx_.is_open(); }

std::vector<std::string> VirtualRadio::getStreamFormats(const int direction, const size_t channel) const {
    check_channel(direction, channel);
    return format_names();
}

std::string VirtualRadio::getNativeStreamFormat(const int direction, const size_t channel, double &full_scale) const {
    check_channel(direction, channel);
    full_scale = hackrf() ? 128 : 1;
    return hackrf() ? SOAPY_SDR_CS8 : SOAPY_SDR_CF32;
}

SoapySDR::Stream *VirtualRadio::setupStream(const int direction, const std::string &format, const std::vector<size_t> &channels, const SoapySDR::Kwargs &) {
    check_plugged();
    check_channel(direction, channels.empty() ? 0 : channels.front());
    if (channels.size() > 1) reject("stream channels", std::to_string(channels.size()), "one, channel 0");
    if (direction == SOAPY_SDR_TX) {
        tx_.setup(format);
        return reinterpret_cast<SoapySDR::Stream *>(&tx_);
    }
    rx_.setup(format);
    return reinterpret_cast<SoapySDR::Stream *>(&rx_);
}

void VirtualRadio::closeStream(SoapySDR::Stream *stream) {
    if (is_tx(stream)) tx_.close();
    else if (is_rx(stream)) rx_.close();
}

size_t VirtualRadio::getStreamMTU(SoapySDR::Stream *stream) const {
    if (!is_rx(stream) && !is_tx(stream)) reject("stream", "one that is not set up", "a stream from setupStream");
    return is_rx(stream) ? rx_.mtu() : tx_.mtu();
}

int VirtualRadio::activateStream(SoapySDR::Stream *stream, const int flags, const long long, const size_t count) {
    if (unplugged_) return SOAPY_SDR_STREAM_ERROR;
    // Bursts of a length given here and timed starts are not among the options of this device; a HackRF ignores them.
    if ((flags != 0 || count != 0) && !hackrf()) return SOAPY_SDR_NOT_SUPPORTED;
    return guarded([&] {
        if (is_tx(stream)) {
            if (hackrf()) rx_.deactivate();
            tx_.activate(tx_settings_.tuning());
        } else if (is_rx(stream)) {
            if (hackrf()) tx_.deactivate();
            rx_.activate(rx_settings_.tuning());
        } else {
            return SOAPY_SDR_STREAM_ERROR;
        }
        return 0;
    });
}

int VirtualRadio::deactivateStream(SoapySDR::Stream *stream, const int flags, const long long) {
    if (flags != 0) return SOAPY_SDR_NOT_SUPPORTED;
    return guarded([&] {
        if (is_tx(stream)) tx_.deactivate();
        else if (is_rx(stream)) rx_.deactivate();
        else return SOAPY_SDR_STREAM_ERROR;
        return 0;
    });
}

int VirtualRadio::readStream(SoapySDR::Stream *stream, void *const *buffers, const size_t count, int &flags, long long &time_ns, const long timeout_us) {
    if (unplugged_ || !is_rx(stream)) return SOAPY_SDR_STREAM_ERROR;
    const int result = guarded([&] { return rx_.read(buffers, count, flags, time_ns, timeout_us); });
    if (flags & SOAPY_SDR_HAS_TIME) time_ns += offset_ns_;
    return result;
}

int VirtualRadio::writeStream(SoapySDR::Stream *stream, const void *const *buffers, const size_t count, int &flags, const long long time_ns, const long timeout_us) {
    if (unplugged_ || !is_tx(stream)) return SOAPY_SDR_STREAM_ERROR;
    const int64_t ether_ns = clamp_time(static_cast<long double>(time_ns) - offset_ns_);
    return guarded([&] { return tx_.write(buffers, count, flags, ether_ns, timeout_us); });
}

int VirtualRadio::readStreamStatus(SoapySDR::Stream *stream, size_t &channels, int &flags, long long &time_ns, const long timeout_us) {
    if (is_rx(stream)) return SOAPY_SDR_NOT_SUPPORTED;
    if (unplugged_ || !is_tx(stream)) return SOAPY_SDR_STREAM_ERROR;
    channels = 1;
    const int result = guarded([&] { return tx_.status(flags, time_ns, timeout_us); });
    if (flags & SOAPY_SDR_HAS_TIME) time_ns += offset_ns_;
    return result;
}

} // namespace heliograph
