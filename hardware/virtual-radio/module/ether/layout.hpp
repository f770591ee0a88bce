// What lies in the shared segment of an ether. Everything here is read with suspicion: another process wrote it.
#pragma once
#include <pthread.h>

#include <atomic>
#include <complex>
#include <cstdint>

namespace heliograph {

using Sample = std::complex<float>;

constexpr uint64_t kMagic = 0x48544547'4f494c48; // "HLIOGETH" in memory
constexpr uint32_t kVersion = 1;
constexpr uint32_t kMaxRadios = 32;
constexpr uint32_t kMaxSegments = 256;
constexpr uint64_t kRingSamples = 1 << 20;
constexpr size_t kIdBytes = 64;

enum class Pace : uint32_t { clock = 1, free = 2 };

enum class SlotState : uint32_t {
    empty = 0,
    live = 1,
    // Its program has gone, its last samples are still on the air.
    draining = 2,
};

// Samples without a gap under one setting. Sample `start` + i is at (`start` + i) / rate_hz seconds of ether time and
// lies at `packed` + i of the sender's ring.
struct Segment {
    int64_t start;
    int64_t length;
    uint64_t packed;
    double rate_hz;
    double frequency_hz;
    double bandwidth_hz;
    // The burst goes on: lock-step receivers wait for its next samples.
    uint32_t open;
};

struct Transmission {
    uint32_t active;
    // Samples ever put into the ring.
    uint64_t written;
    // Segments [first, end) of the table, modulo its size.
    uint64_t first_segment;
    uint64_t end_segment;
    Segment segments[kMaxSegments];
};

struct Reception {
    uint32_t active;
    // Ether time of the next sample to read.
    int64_t position_ns;
    // How much further this receiver lets others run ahead, in ns.
    int64_t lead_ns;
    // For each sender the first sample of its ring that is still needed.
    uint64_t needed[kMaxRadios];
};

struct Slot {
    SlotState state;
    // Counts the radios that have used this slot.
    uint32_t generation;
    char id[kIdBytes];
    Transmission tx;
    Reception rx;
};

struct Header {
    // Written last: a segment without it was never finished.
    uint64_t magic;
    uint32_t version;
    uint32_t max_radios;
    uint64_t header_bytes;
    uint64_t segment_bytes;
    uint64_t ring_samples;
    Pace pace;
    // Monotonic clock at ether time zero.
    int64_t epoch_ns;
    // Some receiver has heard all up to here: nobody may send into that past.
    int64_t horizon_ns;
    pthread_mutex_t mutex;
    // Counts changes; waiters sleep on it.
    std::atomic<uint32_t> events;
    Slot slots[kMaxRadios];
};

static_assert(std::atomic<uint32_t>::is_always_lock_free, "the event counter is shared between processes");

constexpr uint64_t kPage = 4096;
constexpr uint64_t kHeaderBytes = (sizeof(Header) + kPage - 1) / kPage * kPage;
constexpr uint64_t kRingBytes = kRingSamples * sizeof(Sample);
constexpr uint64_t kSegmentBytes = kHeaderBytes + kMaxRadios * kRingBytes;

} // namespace heliograph
