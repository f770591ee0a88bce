// The shared memory of an ether and who is in it.
//
// Membership is a lock on one byte of the file for each slot (open file description locks): the kernel drops it with
// the process, however that ends, whatever its PID namespace. Byte 0 is held while somebody joins or leaves.
#pragma once
#include <string>

#include "ether/layout.hpp"

namespace heliograph {

class SharedSegment {
public:
    // Opens the ether `name` or creates it; a segment that nobody lives in is replaced. Takes the lock of a slot.
    SharedSegment(const std::string &name, Pace pace_if_new);
    // Gives the slot's lock back and removes the segment if nobody else lives in it.
    ~SharedSegment();
    SharedSegment(const SharedSegment &) = delete;
    SharedSegment &operator=(const SharedSegment &) = delete;

    Header &header() const { return *static_cast<Header *>(memory_); }
    Sample *ring(uint32_t slot) const;
    uint32_t slot() const { return slot_; }
    // Is the program behind a slot alive? Not to be asked of one's own.
    bool lives(uint32_t slot) const;
    // Makes sure that a ring has memory; without it the first sample would end the program (SIGBUS).
    void reserve_ring(uint32_t slot) const;
    void release_ring(uint32_t slot) const;

private:
    bool try_open(Pace pace_if_new);
    void create(Pace pace);
    void check_and_map();
    void map();
    void take_slot();
    void close_all();

    std::string ether_, path_;
    int file_ = -1;
    void *memory_ = nullptr;
    uint32_t slot_ = kMaxRadios;
};

} // namespace heliograph
