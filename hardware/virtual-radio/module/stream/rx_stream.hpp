// Receive: buffers, formats, timestamps and faults around a Receiver.
#pragma once
#include <atomic>
#include <mutex>

#include "device/options.hpp"
#include "stream/format.hpp"
#include "stream/receiver.hpp"

namespace heliograph {

// Samples in a transfer of SoapyHackRF, which hands over nothing less.
constexpr size_t kHackrfBlock = 131072;
constexpr size_t kMtu = 8192;

class RxStream {
public:
    RxStream(Ether &ether, const Scene &scene, const Options &options, std::atomic<bool> &unplugged);

    void setup(const std::string &format);
    void close();
    bool is_open() const { return open_; }
    bool is_active() const { return active_; }
    size_t mtu() const { return hackrf_ ? kHackrfBlock : kMtu; }
    void activate(const Tuning &tuning);
    void deactivate();
    void retune(const Tuning &tuning);
    void set_gain(double db) { front_end_.gain_db = db; }

    // As readStream, with the time on the ether's clock.
    int read(void *const *buffers, size_t count, int &flags, long long &time_ns, long timeout_us);

private:
    int read_samples(size_t count, int64_t deadline_ns, int64_t &index);
    int read_block(size_t count, int64_t deadline_ns);

    std::mutex mutex_;
    FrontEnd front_end_;
    Receiver receiver_;
    const bool hackrf_;
    const Faults faults_;
    std::atomic<bool> &unplugged_;
    std::atomic<bool> open_{false}, active_{false};
    Format format_ = Format::cf32;
    Tuning tuning_;
    uint64_t count_ = 0;
    std::vector<Sample> samples_;
    // A whole transfer and what is already read of it.
    std::vector<Sample> block_;
    size_t block_filled_ = 0, block_read_ = 0;
};

} // namespace heliograph
