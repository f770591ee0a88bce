// Puts bursts on the air and reports what became of them.
#pragma once
#include <deque>
#include <mutex>
#include <optional>

#include "ether/ether.hpp"
#include "link/link.hpp"

namespace heliograph {

// What readStreamStatus gives: code, flags, and ether time.
struct TxEvent {
    int code;
    int flags;
    int64_t time_ns;
};

class Transmitter {
public:
    struct Limits {
        // Most samples on hand that are not on the air yet.
        int64_t buffer_samples;
        // From a write to the air, for bursts without a time.
        int64_t latency_ns;
        // Every burst may be the last of a continuous stream: its end is an underflow unless more follows.
        bool continuous;
    };

    Transmitter(Ether &ether, const Limits &limits) : ether_(ether), limits_(limits) {}

    void activate(const Tuning &tuning);
    // Ends an open burst; what was taken goes on the air all the same.
    void deactivate();
    void retune(const Tuning &tuning);

    // Takes samples of a burst: their number or SOAPY_SDR_TIMEOUT. The time counts at the start of a burst only, the end
    // only if all samples were taken.
    int write(const Sample *samples, size_t count, std::optional<int64_t> time_ns, bool end, int64_t deadline_ns);
    std::optional<TxEvent> next_event(int64_t deadline_ns);

private:
    struct Ending {
        int64_t start, end;
        int64_t end_ns;
    };
    std::optional<size_t> try_write(const Sample *samples, size_t count, std::optional<int64_t> time_ns, bool end, bool last, int64_t &wake_ns);
    int64_t space();
    void forget_heard();
    bool begin(std::optional<int64_t> time_ns);
    void open_segment(int64_t start);
    void put(const Sample *samples, size_t count);
    void close_segment();
    void end_burst();
    void settle();
    void report(const TxEvent &event);
    Transmission &tx() const { return ether_.own().tx; }
    Segment &last() const { return tx().segments[(tx().end_segment - 1) % kMaxSegments]; }

    Ether &ether_;
    const Limits limits_;
    // Guards all below; taken before the ether's lock, never held while waiting.
    std::mutex mutex_;
    Tuning tuning_;
    bool in_burst_ = false, discarding_ = false, open_ = false;
    int64_t burst_start_ = 0, end_ = 0;
    std::deque<Ending> endings_;
    std::deque<TxEvent> events_;
};

} // namespace heliograph
