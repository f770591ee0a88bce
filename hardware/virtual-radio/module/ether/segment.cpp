#include "ether/segment.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <new>
#include <stdexcept>

#include "ether/time.hpp"
#include "text/reject.hpp"

namespace heliograph {
namespace {

constexpr int64_t kJoinPatienceNs = 5000000000;
constexpr off_t kJoinByte = 0, kFirstSlotByte = 1;

[[noreturn]] void fail(const std::string &path, const std::string &what) {
    throw std::runtime_error("heliograph radio: shared memory " + path + ": " + what + ": " + std::strerror(errno));
}

struct flock byte_range(short type, off_t first, off_t count) {
    struct flock range = {};
    range.l_type = type;
    range.l_whence = SEEK_SET;
    range.l_start = first;
    range.l_len = count;
    return range;
}

bool lock_byte(int file, off_t byte) {
    auto range = byte_range(F_WRLCK, byte, 1);
    return fcntl(file, F_OFD_SETLK, &range) == 0;
}

void unlock_byte(int file, off_t byte) {
    auto range = byte_range(F_UNLCK, byte, 1);
    fcntl(file, F_OFD_SETLK, &range);
}

// Does anybody else hold a lock in the range? A count of 0 is all the rest.
bool held_by_others(int file, off_t first, off_t count) {
    auto range = byte_range(F_WRLCK, first, count);
    return fcntl(file, F_OFD_GETLK, &range) == 0 && range.l_type != F_UNLCK;
}

class JoinLock {
public:
    JoinLock(int file, const std::string &ether) : file_(file) {
        const int64_t deadline = monotonic_ns() + kJoinPatienceNs;
        while (!lock_byte(file_, kJoinByte)) {
            if (monotonic_ns() > deadline)
                reject("ether", ether + ", which a program has been joining or leaving for 5 s", "an ether without stopped programs");
            sleep_until(monotonic_ns() + 1000000);
        }
    }
    ~JoinLock() { unlock_byte(file_, kJoinByte); }

private:
    int file_;
};

std::string shared_path(const std::string &ether) {
    const bool known = ether.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-") == std::string::npos;
    if (ether.empty() || ether.size() > 64 || !known) reject("ether", "'" + ether + "'", "1 to 64 letters, digits, '_', '.' and '-'");
    // Each user has ethers of their own.
    return "/heliograph-" + std::to_string(geteuid()) + "-" + ether;
}

void init_mutex(pthread_mutex_t &mutex) {
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
    pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
    pthread_mutex_init(&mutex, &attributes);
    pthread_mutexattr_destroy(&attributes);
}

} // namespace

SharedSegment::SharedSegment(const std::string &name, Pace pace_if_new) : ether_(name), path_(shared_path(name)) {
    try {
        while (!try_open(pace_if_new)) close_all();
    } catch (...) {
        close_all();
        throw;
    }
}

// False: the segment was removed while we waited for it, or had to be.
bool SharedSegment::try_open(Pace pace_if_new) {
    file_ = shm_open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file_ < 0) fail(path_, "open");
    const JoinLock joining(file_, ether_);
    struct stat status;
    if (fstat(file_, &status) != 0) fail(path_, "stat");
    if (status.st_nlink == 0) return false;
    if (!held_by_others(file_, kFirstSlotByte, 0)) {
        if (status.st_size != 0) {
            // Left over by programs that were killed, or by an older version: nobody is in it.
            if (shm_unlink(path_.c_str()) != 0) fail(path_, "remove the stale segment");
            return false;
        }
        create(pace_if_new);
    } else {
        check_and_map();
    }
    take_slot();
    return true;
}

void SharedSegment::create(Pace pace) {
    // The header gets its memory now; rings get theirs when their radio transmits.
    if (ftruncate(file_, kSegmentBytes) != 0) fail(path_, "set the size");
    errno = posix_fallocate(file_, 0, kHeaderBytes);
    if (errno != 0) fail(path_, "reserve memory");
    map();
    Header &fresh = *new (memory_) Header();
    fresh.version = kVersion;
    fresh.max_radios = kMaxRadios;
    fresh.header_bytes = sizeof(Header);
    fresh.segment_bytes = kSegmentBytes;
    fresh.ring_samples = kRingSamples;
    fresh.pace = pace;
    fresh.epoch_ns = monotonic_ns();
    init_mutex(fresh.mutex);
    fresh.magic = kMagic;
}

void SharedSegment::check_and_map() {
    struct stat status;
    if (fstat(file_, &status) != 0) fail(path_, "stat");
    const auto size = static_cast<uint64_t>(status.st_size);
    if (size != kSegmentBytes)
        reject("ether", ether_ + " with a segment of " + std::to_string(size) + " bytes", std::to_string(kSegmentBytes) + " bytes; its programs use another version of this module");
    map();
    const Header &found = header();
    if (found.magic != kMagic) reject("ether", ether_ + " with foreign content", "a segment of this module");
    const bool same = found.version == kVersion && found.max_radios == kMaxRadios && found.header_bytes == sizeof(Header) &&
                      found.segment_bytes == kSegmentBytes && found.ring_samples == kRingSamples &&
                      (found.pace == Pace::clock || found.pace == Pace::free);
    if (!same)
        reject("ether", ether_ + " of version " + std::to_string(found.version), "version " + std::to_string(kVersion) + "; all programs of an ether need the same module");
}

void SharedSegment::map() {
    memory_ = mmap(nullptr, kSegmentBytes, PROT_READ | PROT_WRITE, MAP_SHARED, file_, 0);
    if (memory_ == MAP_FAILED) {
        memory_ = nullptr;
        fail(path_, "map");
    }
}

void SharedSegment::take_slot() {
    // Empty slots first, then those that only wait for their last samples to be heard.
    for (const bool empty_only : {true, false})
        for (uint32_t slot = 0; slot < kMaxRadios; slot++) {
            if (empty_only && header().slots[slot].state != SlotState::empty) continue;
            if (lock_byte(file_, kFirstSlotByte + slot)) {
                slot_ = slot;
                return;
            }
        }
    reject("ether", ether_ + " with " + std::to_string(kMaxRadios) + " radios", "at most " + std::to_string(kMaxRadios) + " radios in an ether");
}

Sample *SharedSegment::ring(uint32_t slot) const {
    return reinterpret_cast<Sample *>(static_cast<char *>(memory_) + kHeaderBytes + slot * kRingBytes);
}

bool SharedSegment::lives(uint32_t slot) const { return held_by_others(file_, kFirstSlotByte + slot, 1); }

void SharedSegment::reserve_ring(uint32_t slot) const {
    errno = posix_fallocate(file_, static_cast<off_t>(kHeaderBytes + slot * kRingBytes), kRingBytes);
    if (errno != 0) fail(path_, "reserve 8 MiB for a transmitter (is /dev/shm full?)");
}

void SharedSegment::release_ring(uint32_t slot) const { madvise(ring(slot), kRingBytes, MADV_REMOVE); }

SharedSegment::~SharedSegment() {
    try {
        const JoinLock leaving(file_, ether_);
        struct stat status;
        const bool linked = fstat(file_, &status) == 0 && status.st_nlink > 0;
        if (linked && !held_by_others(file_, kFirstSlotByte, 0)) shm_unlink(path_.c_str());
        unlock_byte(file_, kFirstSlotByte + slot_);
    } catch (const std::exception &) {
        // Somebody is stuck in joining; the next to come cleans up.
    }
    close_all();
}

void SharedSegment::close_all() {
    if (memory_) munmap(memory_, kSegmentBytes);
    if (file_ >= 0) close(file_);
    memory_ = nullptr;
    file_ = -1;
}

} // namespace heliograph
