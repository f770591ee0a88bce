#include "stream/rx_stream.hpp"

#include <SoapySDR/Constants.h>
#include <SoapySDR/Errors.h>

#include <algorithm>

#include "text/reject.hpp"

namespace heliograph {

// A HackRF leaves a carrier of about -34 dBFS at its centre.
constexpr double kHackrfSpike = 0.014;

RxStream::RxStream(Ether &ether, const Scene &scene, const Options &options, std::atomic<bool> &unplugged)
    : receiver_(ether, scene, front_end_, options.buffer_samples), hackrf_(options.emulation == Emulation::hackrf), faults_(options.faults), unplugged_(unplugged) {
    front_end_.eight_bit = hackrf_;
    front_end_.dc_offset = hackrf_ ? kHackrfSpike : 0;
    if (faults_.overflow_at) receiver_.plan_overflow(*faults_.overflow_at, faults_.overflow_samples);
}

void RxStream::setup(const std::string &format) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (open_) reject("receive stream", "a second one", "one at a time");
    format_ = format_by_name(format);
    samples_.resize(mtu());
    if (hackrf_) block_.resize(kHackrfBlock);
    open_ = true;
}

void RxStream::close() {
    deactivate();
    open_ = false;
}

void RxStream::activate(const Tuning &tuning) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (active_) return;
    tuning_ = tuning;
    count_ = 0;
    block_filled_ = block_read_ = 0;
    receiver_.activate(tuning);
    active_ = true;
}

void RxStream::deactivate() {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (active_) receiver_.deactivate();
    active_ = false;
}

void RxStream::retune(const Tuning &tuning) {
    const std::lock_guard<std::mutex> lock(mutex_);
    tuning_ = tuning;
    receiver_.retune(tuning);
}

int RxStream::read(void *const *buffers, size_t count, int &flags, long long &time_ns, long timeout_us) {
    const int64_t deadline_ns = deadline_after(timeout_us);
    flags = 0;
    std::unique_lock<std::mutex> lock(mutex_);
    if (!active_) {
        // The contract of readStream on a stream that is not active.
        lock.unlock();
        sleep_until(deadline_ns);
        return SOAPY_SDR_TIMEOUT;
    }
    if (faults_.unplug_at && count_ >= *faults_.unplug_at) unplugged_ = true;
    if (unplugged_) return SOAPY_SDR_STREAM_ERROR;
    count = std::min(count, mtu());
    if (faults_.unplug_at) count = static_cast<size_t>(std::min<uint64_t>(count, *faults_.unplug_at - count_));
    if (count == 0) return 0;
    if (!buffers || !buffers[0]) return SOAPY_SDR_STREAM_ERROR;
    int64_t index = 0;
    const int taken = hackrf_ ? read_block(count, deadline_ns) : read_samples(count, deadline_ns, index);
    if (!hackrf_ && taken != SOAPY_SDR_TIMEOUT) {
        flags = SOAPY_SDR_HAS_TIME;
        time_ns = time_of(index, tuning_.rate_hz);
    }
    if (taken <= 0) return taken;
    to_format(format_, samples_.data(), buffers[0], static_cast<size_t>(taken));
    count_ += static_cast<uint64_t>(taken);
    return taken;
}

int RxStream::read_samples(size_t count, int64_t deadline_ns, int64_t &index) { return receiver_.read(samples_.data(), count, deadline_ns, index); }

// Serves parts of a transfer, once the whole of it is there.
int RxStream::read_block(size_t count, int64_t deadline_ns) {
    if (block_read_ == block_filled_ && block_filled_ == kHackrfBlock) block_filled_ = block_read_ = 0;
    while (block_filled_ < kHackrfBlock) {
        int64_t index = 0;
        const int taken = receiver_.read(&block_[block_filled_], std::min(kMtu, kHackrfBlock - block_filled_), deadline_ns, index);
        // A broken transfer is lost as a whole.
        if (taken == SOAPY_SDR_OVERFLOW) block_filled_ = block_read_ = 0;
        if (taken <= 0) return taken;
        block_filled_ += static_cast<size_t>(taken);
    }
    const size_t part = std::min(count, kHackrfBlock - block_read_);
    std::copy_n(&block_[block_read_], part, samples_.data());
    block_read_ += part;
    return static_cast<int>(part);
}

} // namespace heliograph
