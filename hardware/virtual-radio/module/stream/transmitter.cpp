#include "stream/transmitter.hpp"

#include <SoapySDR/Constants.h>
#include <SoapySDR/Errors.h>

#include <algorithm>

namespace heliograph {
namespace {

constexpr size_t kMaxEvents = 1024;
// Past segments stay so long for slow receivers, by the clock.
constexpr int64_t kHistoryNs = 3000000000;
constexpr int64_t kStatusPollNs = 5000000;

} // namespace

void Transmitter::activate(const Tuning &tuning) {
    const std::lock_guard<std::mutex> lock(mutex_);
    const Ether::Guard guard(ether_);
    if (tuning.rate_hz != tuning_.rate_hz && tuning_.rate_hz > 0)
        // The end of the last burst on the new grid.
        end_ = index_from(time_of(end_, tuning_.rate_hz), tuning.rate_hz);
    tuning_ = tuning;
    in_burst_ = discarding_ = false;
    tx().active = 1;
}

void Transmitter::deactivate() {
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        const Ether::Guard guard(ether_);
        settle();
        close_segment();
        in_burst_ = discarding_ = false;
        tx().active = 0;
    }
    ether_.announce();
}

void Transmitter::retune(const Tuning &tuning) {
    const std::lock_guard<std::mutex> lock(mutex_);
    tuning_ = tuning;
}

int Transmitter::write(const Sample *samples, size_t count, std::optional<int64_t> time_ns, bool end, int64_t deadline_ns) {
    for (;;) {
        const uint32_t seen = ether_.events();
        int64_t wake_ns = deadline_ns;
        const bool last = monotonic_ns() >= deadline_ns;
        if (const auto taken = try_write(samples, count, time_ns, end, last, wake_ns)) {
            if (ether_.pace() == Pace::free) ether_.announce();
            return static_cast<int>(*taken);
        }
        if (last) return SOAPY_SDR_TIMEOUT;
        if (ether_.pace() == Pace::free) ether_.wait(seen, deadline_ns);
        else sleep_until(std::min(wake_ns, deadline_ns));
    }
}

std::optional<size_t> Transmitter::try_write(const Sample *samples, size_t count, std::optional<int64_t> time_ns, bool end, bool last, int64_t &wake_ns) {
    const std::lock_guard<std::mutex> lock(mutex_);
    const Ether::Guard guard(ether_);
    settle();
    if (!in_burst_ && count == 0) return 0;
    const int64_t room = space();
    // By the clock a write waits for room worth waking up for, or it would spin on a few samples at a time.
    const bool patient = ether_.pace() == Pace::clock && !last;
    const int64_t wanted = patient ? std::min<int64_t>(static_cast<int64_t>(count), limits_.buffer_samples / 4) : 1;
    if (count > 0 && room < wanted) {
        wake_ns = monotonic_ns() + time_of(wanted - room, tuning_.rate_hz) + 1;
        return std::nullopt;
    }
    if (!in_burst_) discarding_ = !begin(time_ns);
    in_burst_ = true;
    const size_t taken = discarding_ ? count : std::min<size_t>(count, static_cast<size_t>(std::max<int64_t>(room, 0)));
    if (!discarding_ && taken > 0) put(samples, taken);
    if (end && taken == count) end_burst();
    return taken;
}

// Samples that can be taken now. Under the clock old samples give way, in lock-step those that all have heard.
int64_t Transmitter::space() {
    forget_heard();
    Transmission &tx = this->tx();
    // Two more segments may be needed: a burst, and a change of settings in it.
    if (tx.end_segment - tx.first_segment + 2 > kMaxSegments) return 0;
    if (ether_.pace() == Pace::free) {
        const uint64_t needed = any_receiver(ether_) ? needed_by_receivers(ether_, ether_.index()) : std::max(tx.written, kRingSamples / 2) - kRingSamples / 2;
        return static_cast<int64_t>(kRingSamples - std::min(kRingSamples, tx.written - std::min(needed, tx.written)));
    }
    int64_t waiting = 0;
    const int64_t now = ether_.clock_ns();
    for (const auto &segment : segments_of(tx)) {
        const int64_t passed = index_from(now, segment.rate_hz) - segment.start;
        waiting += segment.length - std::clamp<int64_t>(passed, 0, segment.length);
    }
    return limits_.buffer_samples - waiting;
}

void Transmitter::forget_heard() {
    Transmission &tx = this->tx();
    const bool clock = ether_.pace() == Pace::clock, heard_by_all = any_receiver(ether_);
    const uint64_t needed = needed_by_receivers(ether_, ether_.index());
    while (tx.first_segment + (open_ ? 1 : 0) < tx.end_segment) {
        const Segment &oldest = tx.segments[tx.first_segment % kMaxSegments];
        const int64_t end_ns = time_of(oldest.start + oldest.length, oldest.rate_hz);
        const uint64_t after = oldest.packed + static_cast<uint64_t>(oldest.length);
        const bool crowded = tx.end_segment - tx.first_segment + 2 > kMaxSegments;
        const int64_t history = crowded ? 0 : kHistoryNs;
        const bool heard = clock ? end_ns < ether_.clock_ns() - history
                                 : heard_by_all ? after <= needed : crowded || tx.written - after > kRingSamples / 2;
        if (!heard) return;
        // Without receivers the oldest samples are lost to whoever comes: time goes on.
        if (!clock && !heard_by_all) ether_.header().horizon_ns = std::max(ether_.header().horizon_ns, end_ns);
        tx.first_segment++;
    }
}

// False if the burst is late.
bool Transmitter::begin(std::optional<int64_t> time_ns) {
    const int64_t now_ns = ether_.now_ns();
    const int64_t earliest = std::max(end_, index_from(now_ns, tuning_.rate_hz));
    if (time_ns) {
        burst_start_ = nearest_index(*time_ns, tuning_.rate_hz);
        if (burst_start_ < earliest) {
            report({SOAPY_SDR_TIME_ERROR, SOAPY_SDR_HAS_TIME, now_ns});
            return false;
        }
    } else {
        // Right behind the last burst if that is still on the air.
        const bool queued = end_ == earliest && end_ > 0;
        const int64_t latency_ns = queued || ether_.pace() == Pace::free ? 0 : limits_.latency_ns;
        burst_start_ = std::max(earliest, index_from(now_ns + latency_ns, tuning_.rate_hz));
    }
    open_segment(burst_start_);
    return true;
}

void Transmitter::open_segment(int64_t start) {
    Transmission &tx = this->tx();
    if (tx.end_segment > tx.first_segment) {
        Segment &previous = last();
        const bool same = previous.rate_hz == tuning_.rate_hz && previous.frequency_hz == tuning_.frequency_hz && previous.bandwidth_hz == tuning_.bandwidth_hz;
        if (same && previous.start + previous.length == start) {
            previous.open = 1;
            open_ = true;
            return;
        }
        previous.open = 0;
    }
    tx.segments[tx.end_segment % kMaxSegments] = {start, 0, tx.written, tuning_.rate_hz, tuning_.frequency_hz, tuning_.bandwidth_hz, 1};
    tx.end_segment++;
    end_ = start;
    open_ = true;
}

void Transmitter::put(const Sample *samples, size_t count) {
    Transmission &tx = this->tx();
    const bool retuned = last().frequency_hz != tuning_.frequency_hz || last().bandwidth_hz != tuning_.bandwidth_hz;
    if (retuned) open_segment(end_);
    Sample *ring = ether_.memory().ring(ether_.index());
    for (size_t done = 0; done < count;) {
        const uint64_t at = (tx.written + done) % kRingSamples;
        const auto run = std::min<uint64_t>(kRingSamples - at, count - done);
        std::copy_n(samples + done, run, ring + at);
        done += run;
    }
    // In this order a killed writer leaves a plausible segment behind.
    tx.written += count;
    last().length += static_cast<int64_t>(count);
    end_ += static_cast<int64_t>(count);
}

void Transmitter::close_segment() {
    if (open_) last().open = 0;
    open_ = false;
}

void Transmitter::end_burst() {
    if (!discarding_) {
        close_segment();
        // A continuous stream goes on where the next samples came in time.
        const bool joined = limits_.continuous && !endings_.empty() && endings_.back().end == burst_start_;
        if (joined) endings_.pop_back();
        if (endings_.size() < kMaxEvents) endings_.push_back({burst_start_, end_, time_of(end_, tuning_.rate_hz)});
    }
    in_burst_ = discarding_ = false;
}

// Finds out what has happened since the last visit. Under both locks.
void Transmitter::settle() {
    const bool clock = ether_.pace() == Pace::clock;
    int64_t heard_ns = clock ? ether_.clock_ns() : kMaxTimeNs;
    for (uint32_t i = 0; i < kMaxRadios && !clock; i++) {
        const Slot &slot = ether_.slot(i);
        if (slot.state == SlotState::live && slot.rx.active) heard_ns = std::min(heard_ns, slot.rx.position_ns);
    }
    for (; !endings_.empty() && endings_.front().end_ns <= heard_ns; endings_.pop_front())
        report(limits_.continuous ? TxEvent{SOAPY_SDR_UNDERFLOW, SOAPY_SDR_HAS_TIME, endings_.front().end_ns}
                                  : TxEvent{0, SOAPY_SDR_END_BURST | SOAPY_SDR_HAS_TIME, endings_.front().end_ns});
    if (!clock || !open_) return;
    const int64_t end_ns = time_of(end_, tuning_.rate_hz);
    if (ether_.clock_ns() <= end_ns) return;
    // What is left of the burst goes out when it comes, as a burst of its own.
    report({SOAPY_SDR_UNDERFLOW, SOAPY_SDR_HAS_TIME, end_ns});
    close_segment();
    in_burst_ = false;
}

void Transmitter::report(const TxEvent &event) {
    if (events_.size() == kMaxEvents) events_.pop_front();
    events_.push_back(event);
}

std::optional<TxEvent> Transmitter::next_event(int64_t deadline_ns) {
    for (;;) {
        const uint32_t seen = ether_.events();
        const bool last = monotonic_ns() >= deadline_ns;
        {
            const std::lock_guard<std::mutex> lock(mutex_);
            const Ether::Guard guard(ether_);
            settle();
            if (!events_.empty()) {
                const TxEvent event = events_.front();
                events_.pop_front();
                return event;
            }
        }
        if (last) return std::nullopt;
        if (ether_.pace() == Pace::free) ether_.wait(seen, deadline_ns);
        else sleep_until(std::min(deadline_ns, monotonic_ns() + kStatusPollNs));
    }
}

} // namespace heliograph
