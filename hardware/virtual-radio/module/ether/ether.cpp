#include "ether/ether.hpp"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <stdexcept>

#include "text/reject.hpp"

namespace heliograph {
namespace {

constexpr int64_t kLockPatienceS = 5;
constexpr int64_t kFuneralIntervalNs = 50000000;
// How long the samples of a radio that has gone stay, by the clock: longer than any receiver's buffer.
constexpr int64_t kDrainNs = 3000000000;

bool plausible(const Segment &s, uint64_t written) {
    const bool rates = s.rate_hz >= 1e3 && s.rate_hz <= 1e9 && s.bandwidth_hz > 0 && s.bandwidth_hz <= 1e9;
    const bool frequency = s.frequency_hz >= 0 && s.frequency_hz <= 1e12;
    // Far from overflow in sums.
    constexpr int64_t most = kMaxTimeNs / 4;
    const bool place = s.start > -most && s.start < most && s.length >= 0 && s.length < most;
    return rates && frequency && place && s.packed <= written && static_cast<uint64_t>(s.length) <= written - s.packed;
}

} // namespace

std::string id_of(const Slot &slot) { return std::string(slot.id, strnlen(slot.id, kIdBytes)); }

std::vector<Segment> segments_of(const Transmission &tx) {
    std::vector<Segment> segments;
    const uint64_t end = tx.end_segment, written = tx.written;
    const uint64_t count = std::min<uint64_t>(end - std::min(tx.first_segment, end), kMaxSegments);
    for (uint64_t i = end - count; i != end; i++) {
        const Segment &segment = tx.segments[i % kMaxSegments];
        if (plausible(segment, written)) segments.push_back(segment);
    }
    return segments;
}

bool any_receiver(const Ether &ether) {
    for (uint32_t i = 0; i < kMaxRadios; i++)
        if (ether.slot(i).state == SlotState::live && ether.slot(i).rx.active) return true;
    return false;
}

uint64_t needed_by_receivers(const Ether &ether, uint32_t sender) {
    uint64_t needed = ether.slot(sender).tx.written;
    for (uint32_t i = 0; i < kMaxRadios; i++) {
        const Slot &slot = ether.slot(i);
        if (slot.state == SlotState::live && slot.rx.active) needed = std::min(needed, slot.rx.needed[sender]);
    }
    return needed;
}

Ether::Ether(const std::string &name, std::optional<Pace> pace, const std::string &id)
    : name_(name), segment_(name, pace.value_or(Pace::clock)), pace_(header().pace), epoch_ns_(header().epoch_ns) {
    if (pace && *pace != pace_)
        reject("pace", *pace == Pace::free ? "free" : "clock", pace_ == Pace::free ? "free, as the ether " + name + " runs" : "clock, as the ether " + name + " runs");
    enter(id);
}

Ether::~Ether() {
    try {
        leave();
    } catch (const std::exception &) {
        // The lock is stuck; the others find this radio's byte unlocked and bury it.
    }
}

void Ether::enter(const std::string &id) {
    const bool known = id.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-") == std::string::npos;
    if (id.size() >= kIdBytes || !known) reject("id", "'" + id + "'", "at most 63 letters, digits, '_', '.' and '-'");
    const Guard guard(*this);
    bury_dead();
    id_ = id.empty() ? "radio-" + std::to_string(index()) : id;
    for (uint32_t i = 0; i < kMaxRadios; i++)
        if (i != index() && slot(i).state == SlotState::live && id_of(slot(i)) == id_)
            reject("id", id_, "a name that no other radio in the ether " + name_ + " has");
    Slot &slot = own();
    const uint32_t generation = slot.generation + 1;
    std::memset(static_cast<void *>(&slot), 0, sizeof slot);
    slot.generation = generation;
    std::memcpy(slot.id, id_.data(), id_.size());
    // Whatever receivers needed of the slot's last radio is gone.
    for (auto &other : header().slots) other.rx.needed[index()] = 0;
    slot.state = SlotState::live;
}

void Ether::leave() {
    {
        const Guard guard(*this);
        close_down(own());
        release_drained();
    }
    announce();
}

void Ether::close_down(Slot &slot) {
    slot.rx.active = 0;
    slot.tx.active = 0;
    for (auto &segment : slot.tx.segments) segment.open = 0;
    slot.state = SlotState::draining;
}

void Ether::release_drained() {
    const int64_t now = pace_ == Pace::clock ? clock_ns() : 0;
    for (uint32_t i = 0; i < kMaxRadios; i++) {
        Slot &slot = this->slot(i);
        if (slot.state != SlotState::draining) continue;
        bool heard = true;
        for (const auto &segment : segments_of(slot.tx)) {
            const bool past = time_of(segment.start + segment.length, segment.rate_hz) < now - kDrainNs;
            const bool taken = any_receiver(*this) && segment.packed + segment.length <= needed_by_receivers(*this, i);
            heard = heard && (pace_ == Pace::clock ? past : taken);
        }
        if (!heard) continue;
        slot.state = SlotState::empty;
        segment_.release_ring(i);
    }
}

void Ether::bury_dead() {
    for (uint32_t i = 0; i < kMaxRadios; i++)
        if (i != index() && slot(i).state == SlotState::live && !segment_.lives(i)) close_down(slot(i));
    release_drained();
}

void Ether::lock() {
    timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += kLockPatienceS;
    pthread_mutex_t &mutex = header().mutex;
    const int result = pthread_mutex_timedlock(&mutex, &until);
    if (result == EOWNERDEAD) {
        // Its holder was killed. Sections under the lock leave plausible values behind at every step.
        pthread_mutex_consistent(&mutex);
        bury_dead();
    } else if (result != 0) {
        throw std::runtime_error("heliograph radio: ether " + name_ + ": the lock cannot be had (is one of its programs stopped?): " + std::strerror(result));
    }
}

void Ether::announce() {
    header().events.fetch_add(1, std::memory_order_release);
    syscall(SYS_futex, &header().events, FUTEX_WAKE, INT_MAX, nullptr, nullptr, 0);
}

void Ether::wait(uint32_t seen, int64_t deadline_ns) {
    const int64_t left = std::min(deadline_ns - monotonic_ns(), kFuneralIntervalNs);
    if (left <= 0) return;
    const timespec span = {static_cast<time_t>(left / 1000000000), static_cast<long>(left % 1000000000)};
    const long result = syscall(SYS_futex, &header().events, FUTEX_WAIT, seen, &span, nullptr, 0);
    if (result != 0 && errno == ETIMEDOUT) {
        const Guard guard(*this);
        bury_dead();
    }
}

} // namespace heliograph
