// An ether and this radio's place in it: the lock, the wake-ups, the time, and the funeral of crashed radios.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "ether/segment.hpp"
#include "ether/time.hpp"

namespace heliograph {

class Ether {
public:
    // `id` may be empty for a name of its own; without a pace the ether's is taken, or the clock's for a new one.
    Ether(const std::string &name, std::optional<Pace> pace, const std::string &id);
    ~Ether();
    Ether(const Ether &) = delete;
    Ether &operator=(const Ether &) = delete;

    // Holds the ether's lock. Throws if a stopped program has kept it for seconds.
    class Guard {
    public:
        explicit Guard(Ether &ether) : ether_(ether) { ether.lock(); }
        ~Guard() { pthread_mutex_unlock(&ether_.header().mutex); }
        Guard(const Guard &) = delete;
        Guard &operator=(const Guard &) = delete;

    private:
        Ether &ether_;
    };

    const std::string &name() const { return name_; }
    const std::string &id() const { return id_; }
    Pace pace() const { return pace_; }
    Header &header() const { return segment_.header(); }
    uint32_t index() const { return segment_.slot(); }
    Slot &slot(uint32_t index) const { return header().slots[index]; }
    Slot &own() const { return slot(index()); }
    const SharedSegment &memory() const { return segment_; }

    // The time that nobody can send before. Under the guard.
    int64_t now_ns() const { return pace_ == Pace::clock ? clock_ns() : header().horizon_ns; }
    int64_t clock_ns() const { return monotonic_ns() - epoch_ns_; }
    int64_t monotonic_at(int64_t clock_ns) const { return clock_ns + epoch_ns_; }

    uint32_t events() const { return header().events.load(std::memory_order_acquire); }
    // Wakes all that wait; after every change.
    void announce();
    // Waits for a change after `seen`, at most until a time of the monotonic clock; looks after crashed radios.
    void wait(uint32_t seen, int64_t deadline_ns);
    // Frees draining slots that everybody has heard. Under the guard.
    void release_drained();

private:
    void lock();
    void bury_dead();
    void enter(const std::string &id);
    void leave();
    void close_down(Slot &slot);

    std::string name_, id_;
    SharedSegment segment_;
    Pace pace_;
    int64_t epoch_ns_;
};

// The id stored in a slot, whatever its bytes.
std::string id_of(const Slot &slot);

// Copies of the segments that make sense, oldest first.
std::vector<Segment> segments_of(const Transmission &tx);

// The first ring sample that some active receiver still needs; `written` if there is none.
uint64_t needed_by_receivers(const Ether &ether, uint32_t sender);
bool any_receiver(const Ether &ether);

} // namespace heliograph
