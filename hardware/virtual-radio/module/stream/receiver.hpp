// Hears the ether: adds up all senders through their links, then noise, gain and the converter.
#pragma once
#include <array>
#include <atomic>
#include <memory>
#include <vector>

#include "ether/ether.hpp"
#include "link/config.hpp"
#include "link/link.hpp"

namespace heliograph {

// What comes after the antenna.
struct FrontEnd {
    std::atomic<double> gain_db{0};
    double dc_offset = 0;
    bool eight_bit = false;
};

// Gaps in what reaches the program, at places that depend on the seed alone.
class GapPlan {
public:
    GapPlan(const Drops &drops, uint64_t seed) : drops_(drops), state_(seed ^ 0x64726f7073) { draw(0); }
    // The next gap: samples since the start of the stream, and how many are lost.
    uint64_t at() const { return at_; }
    uint64_t length() const { return length_; }
    void draw(uint64_t from);

private:
    Drops drops_;
    uint64_t state_, at_ = 0, length_ = 0;
};

class Receiver {
public:
    Receiver(Ether &ether, const Scene &scene, const FrontEnd &front_end, uint64_t buffer_samples);

    void activate(const Tuning &tuning);
    void deactivate();
    void retune(const Tuning &tuning) { tuning_ = tuning; }
    // One gap of so many samples after so many more of them, once.
    void plan_overflow(uint64_t at, uint64_t length);

    // Reads at most `count` samples: their number, or SOAPY_SDR_TIMEOUT, or SOAPY_SDR_OVERFLOW. `index` is that of the
    // first sample on the ether's grid of this rate, or of the first lost.
    int read(Sample *output, size_t count, int64_t deadline_ns, int64_t &index);

private:
    // Samples of one segment on their way through a link.
    struct Job {
        Link *link;
        Mapping mapping;
        std::vector<Sample> input;
        int64_t base, first;
        size_t count;
    };
    enum class Step { done, wait, overflow, link_missing };

    Step step(size_t count, bool last, size_t &taken, int64_t &wake_ns);
    int64_t available(int64_t &wake_ns, size_t wanted, bool last);
    int64_t lock_step_limit(int64_t end) const;
    bool find_links();
    bool gather(uint32_t sender, int64_t end);
    bool gather_segment(uint32_t sender, const Segment &segment, Link &link, int64_t end);
    void publish(int64_t end);
    void finish(int64_t first, Sample *output, size_t count);
    void add_links();
    Link *link_for(uint32_t sender, const Segment &segment);
    uint64_t gap_ahead(uint64_t &length) const;
    int lose(uint64_t length, int64_t &index);

    Ether &ether_;
    const Scene &scene_;
    const FrontEnd &front_end_;
    const int64_t buffer_samples_;
    Tuning tuning_;
    int64_t position_ = 0, start_ = 0;
    // How far ahead in time the longest filter looks.
    int64_t ahead_ns_ = 0;
    GapPlan gaps_;
    uint64_t planned_at_ = UINT64_MAX, planned_length_ = 0;
    bool planned_ = false;

    struct Sender {
        uint32_t generation = 0;
        std::vector<std::unique_ptr<Link>> links;
        // Copies for one step.
        std::vector<Segment> segments;
    };
    std::array<Sender, kMaxRadios> senders_;
    std::vector<std::pair<uint32_t, Segment>> missing_;
    std::vector<std::string> missing_ids_;
    std::vector<Job> jobs_;
    size_t job_count_ = 0;
};

} // namespace heliograph
