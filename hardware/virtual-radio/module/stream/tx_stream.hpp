// Transmit: buffers, formats, gain and faults around a Transmitter.
#pragma once
#include <atomic>
#include <mutex>

#include "device/options.hpp"
#include "stream/format.hpp"
#include "stream/transmitter.hpp"

namespace heliograph {

class TxStream {
public:
    TxStream(Ether &ether, const Options &options, std::atomic<bool> &unplugged);

    void setup(const std::string &format);
    void close();
    bool is_open() const { return open_; }
    bool is_active() const { return active_; }
    size_t mtu() const;
    void activate(const Tuning &tuning);
    void deactivate();
    void retune(const Tuning &tuning) { transmitter_.retune(tuning); }
    void set_gain(double db) { gain_db_ = db; }

    // As writeStream, with the time on the ether's clock.
    int write(const void *const *buffers, size_t count, int &flags, int64_t time_ns, long timeout_us);
    int status(int &flags, long long &time_ns, long timeout_us);

private:
    void convert(const void *source, size_t count);
    int write_block(size_t count, int64_t deadline_ns);
    bool send_block(int64_t deadline_ns);

    Ether &ether_;
    std::mutex mutex_;
    Transmitter transmitter_;
    const bool hackrf_;
    const Faults faults_;
    std::atomic<bool> &unplugged_;
    std::atomic<bool> open_{false}, active_{false};
    std::atomic<double> gain_db_{0};
    Format format_ = Format::cf32;
    uint64_t count_ = 0;
    std::vector<Sample> samples_;
    // A transfer being filled, and what of it is already sent once it is full.
    std::vector<Sample> block_;
    size_t block_sent_ = 0;
};

} // namespace heliograph
