#include "stream/tx_stream.hpp"

#include <SoapySDR/Constants.h>
#include <SoapySDR/Errors.h>

#include <algorithm>
#include <cmath>

#include "stream/rx_stream.hpp"
#include "text/reject.hpp"

namespace heliograph {

TxStream::TxStream(Ether &ether, const Options &options, std::atomic<bool> &unplugged)
    : ether_(ether), transmitter_(ether, {static_cast<int64_t>(options.buffer_samples), static_cast<int64_t>(options.tx_latency_ms * 1e6), options.emulation == Emulation::hackrf}),
      hackrf_(options.emulation == Emulation::hackrf), faults_(options.faults), unplugged_(unplugged) {}

size_t TxStream::mtu() const { return hackrf_ ? kHackrfBlock : kMtu; }

void TxStream::setup(const std::string &format) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (open_) reject("transmit stream", "a second one", "one at a time");
    format_ = format_by_name(format);
    ether_.memory().reserve_ring(ether_.index());
    samples_.resize(mtu());
    open_ = true;
}

void TxStream::close() {
    deactivate();
    open_ = false;
}

void TxStream::activate(const Tuning &tuning) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (active_) return;
    count_ = 0;
    block_.clear();
    block_sent_ = 0;
    transmitter_.activate(tuning);
    active_ = true;
}

void TxStream::deactivate() {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (active_) transmitter_.deactivate();
    active_ = false;
}

void TxStream::convert(const void *source, size_t count) {
    from_format(format_, source, samples_.data(), count);
    const double gain_db = gain_db_;
    const auto gain = static_cast<float>(std::pow(10, gain_db / 20));
    if (gain_db != 0)
        for (size_t i = 0; i < count; i++) samples_[i] *= gain;
    clip(samples_.data(), count);
    if (hackrf_) quantize_8_bit(samples_.data(), count);
}

int TxStream::write(const void *const *buffers, size_t count, int &flags, int64_t time_ns, long timeout_us) {
    const int64_t deadline_ns = deadline_after(timeout_us);
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!active_) return SOAPY_SDR_STREAM_ERROR;
    if (faults_.unplug_at && count_ >= *faults_.unplug_at) unplugged_ = true;
    if (unplugged_) return SOAPY_SDR_STREAM_ERROR;
    size_t part = std::min(count, mtu());
    if (faults_.unplug_at) part = static_cast<size_t>(std::min<uint64_t>(part, *faults_.unplug_at - count_));
    if (part > 0 && (!buffers || !buffers[0])) return SOAPY_SDR_STREAM_ERROR;
    if (part > 0) convert(buffers[0], part);
    int taken = 0;
    if (hackrf_) {
        taken = write_block(part, deadline_ns);
    } else {
        const bool end = (flags & SOAPY_SDR_END_BURST) != 0 && part == count;
        const bool timed = (flags & SOAPY_SDR_HAS_TIME) != 0;
        taken = transmitter_.write(samples_.data(), part, timed ? std::optional<int64_t>(time_ns) : std::nullopt, end, deadline_ns);
    }
    flags = 0;
    if (taken > 0) count_ += static_cast<uint64_t>(taken);
    return taken;
}

// Collects a whole transfer before any of it goes on the air; flags and times do not count.
int TxStream::write_block(size_t count, int64_t deadline_ns) {
    if (block_.size() == kHackrfBlock && !send_block(deadline_ns)) return SOAPY_SDR_TIMEOUT;
    const size_t part = std::min(count, kHackrfBlock - block_.size());
    block_.insert(block_.end(), samples_.begin(), samples_.begin() + static_cast<std::ptrdiff_t>(part));
    if (block_.size() == kHackrfBlock) send_block(deadline_ns);
    return static_cast<int>(part);
}

bool TxStream::send_block(int64_t deadline_ns) {
    while (block_sent_ < kHackrfBlock) {
        const int taken = transmitter_.write(&block_[block_sent_], kHackrfBlock - block_sent_, std::nullopt, true, deadline_ns);
        if (taken <= 0) return false;
        block_sent_ += static_cast<size_t>(taken);
    }
    block_.clear();
    block_sent_ = 0;
    return true;
}

int TxStream::status(int &flags, long long &time_ns, long timeout_us) {
    flags = 0;
    if (unplugged_) return SOAPY_SDR_STREAM_ERROR;
    const auto event = transmitter_.next_event(deadline_after(timeout_us));
    if (!event) return SOAPY_SDR_TIMEOUT;
    if (!hackrf_) {
        flags = event->flags;
        time_ns = event->time_ns;
    }
    return event->code;
}

} // namespace heliograph
