#include "stream/receiver.hpp"

#include <SoapySDR/Errors.h>

#include <algorithm>
#include <cmath>

#include "link/noise.hpp"
#include "stream/format.hpp"

namespace heliograph {
namespace {

// Most sender samples that one step copies per segment: bounds memory and the time under the lock.
constexpr long double kStepInput = 32768;
// How far one receiver may run ahead of another in lock-step, in samples.
constexpr int64_t kLeadSamples = 65536;
constexpr size_t kMaxLinksPerSender = 8;
constexpr size_t kKeptJobs = 64;

} // namespace

Receiver::Receiver(Ether &ether, const Scene &scene, const FrontEnd &front_end, uint64_t buffer_samples)
    : ether_(ether), scene_(scene), front_end_(front_end), buffer_samples_(static_cast<int64_t>(buffer_samples)),
      gaps_(scene.receiver().drops, scene.receiver().seed) {}

void Receiver::activate(const Tuning &tuning) {
    const Ether::Guard guard(ether_);
    tuning_ = tuning;
    Reception &rx = ether_.own().rx;
    position_ = start_ = index_from(ether_.now_ns(), tuning.rate_hz);
    gaps_ = GapPlan(scene_.receiver().drops, scene_.receiver().seed);
    planned_ = planned_at_ != UINT64_MAX;
    rx.position_ns = time_of(position_, tuning.rate_hz);
    rx.lead_ns = time_of(kLeadSamples, tuning.rate_hz);
    for (uint32_t i = 0; i < kMaxRadios; i++) {
        const auto segments = segments_of(ether_.slot(i).tx);
        rx.needed[i] = segments.empty() ? ether_.slot(i).tx.written : segments.front().packed;
    }
    rx.active = 1;
}

void Receiver::deactivate() {
    {
        const Ether::Guard guard(ether_);
        ether_.own().rx.active = 0;
        ether_.release_drained();
    }
    ether_.announce();
}

void Receiver::plan_overflow(uint64_t at, uint64_t length) {
    planned_at_ = at;
    planned_length_ = length;
}

// Samples until the next gap, drawn or planned.
uint64_t Receiver::gap_ahead(uint64_t &length) const {
    const auto since = static_cast<uint64_t>(position_ - start_);
    uint64_t at = gaps_.at();
    length = gaps_.length();
    if (planned_ && planned_at_ <= at) {
        at = planned_at_;
        length = planned_length_;
    }
    return at > since ? at - since : 0;
}

int Receiver::lose(uint64_t length, int64_t &index) {
    index = position_;
    position_ += static_cast<int64_t>(length);
    const auto since = static_cast<uint64_t>(position_ - start_);
    if (gaps_.at() < since) gaps_.draw(since);
    if (planned_at_ < since) planned_ = false;
    return SOAPY_SDR_OVERFLOW;
}

int Receiver::read(Sample *output, size_t count, int64_t deadline_ns, int64_t &index) {
    uint64_t gap_length = 0;
    const uint64_t gap = gap_ahead(gap_length);
    if (gap == 0) return lose(gap_length, index);
    count = static_cast<size_t>(std::min<uint64_t>(count, gap));
    for (;;) {
        const uint32_t seen = ether_.events();
        size_t taken = 0;
        int64_t wake_ns = deadline_ns;
        const int64_t first = position_;
        // Past the deadline whatever is there will do.
        const bool last = monotonic_ns() >= deadline_ns;
        switch (step(count, last, taken, wake_ns)) {
        case Step::done:
            if (ether_.pace() == Pace::free) ether_.announce();
            finish(first, output, taken);
            index = first;
            return static_cast<int>(taken);
        case Step::overflow: {
            const int64_t now = index_from(ether_.clock_ns() - ahead_ns_, tuning_.rate_hz);
            return lose(static_cast<uint64_t>(std::max<int64_t>(now - position_, 1)), index);
        }
        case Step::link_missing:
            add_links();
            break;
        case Step::wait:
            if (last) return SOAPY_SDR_TIMEOUT;
            if (ether_.pace() == Pace::free) ether_.wait(seen, deadline_ns);
            else sleep_until(std::min(wake_ns, deadline_ns));
        }
    }
}

// One visit to the ether: takes what is there into jobs_, at most `count` samples of output; fewer if they are the `last`.
Receiver::Step Receiver::step(size_t count, bool last, size_t &taken, int64_t &wake_ns) {
    const Ether::Guard guard(ether_);
    job_count_ = 0;
    if (jobs_.size() > kKeptJobs) jobs_.resize(kKeptJobs);
    if (!find_links()) return Step::link_missing;
    const int64_t end = std::min(available(wake_ns, count, last), position_ + static_cast<int64_t>(count));
    if (end <= position_) return ether_.pace() == Pace::clock && end == INT64_MIN ? Step::overflow : Step::wait;
    for (uint32_t i = 0; i < kMaxRadios; i++)
        if (!gather(i, end)) return Step::overflow;
    taken = static_cast<size_t>(end - position_);
    position_ = end;
    publish(end);
    return Step::done;
}

// The first index that cannot be read yet; INT64_MIN where the buffer has overflowed.
int64_t Receiver::available(int64_t &wake_ns, size_t wanted, bool last) {
    int64_t end = position_ + static_cast<int64_t>(wanted);
    for (const auto &sender : senders_)
        for (const auto &segment : sender.segments)
            end = std::min(end, position_ + std::max<int64_t>(1, static_cast<int64_t>(kStepInput * tuning_.rate_hz / segment.rate_hz)));
    if (ether_.pace() == Pace::free) return lock_step_limit(end);
    const int64_t now = index_from(ether_.clock_ns() - ahead_ns_, tuning_.rate_hz);
    if (now - position_ > buffer_samples_) return INT64_MIN;
    wake_ns = ether_.monotonic_at(time_of(end, tuning_.rate_hz) + ahead_ns_) + 1;
    return now >= end || last ? std::min(now, end) : position_;
}

// Nobody reads what a sender in a burst has not written yet, nor far ahead of the slowest receiver.
int64_t Receiver::lock_step_limit(int64_t end) const {
    for (uint32_t i = 0; i < kMaxRadios; i++) {
        const Slot &slot = ether_.slot(i);
        if (i != ether_.index() && slot.state == SlotState::live && slot.rx.active)
            end = std::min(end, index_from(clamp_time(static_cast<long double>(slot.rx.position_ns) + ether_.own().rx.lead_ns), tuning_.rate_hz));
        const Sender &sender = senders_[i];
        if (sender.segments.empty() || !sender.segments.back().open) continue;
        const Segment &segment = sender.segments.back();
        for (const auto &link : sender.links) {
            if (!link->fits(segment, tuning_)) continue;
            const Mapping mapping = link->mapping(segment);
            // A little less where positions are rounded.
            const long double most = segment.start + segment.length - 1 - link->ahead() - (link->ahead() > 0 ? 1e-6L : 0);
            end = std::min(end, clamp_time(std::floor((most - mapping.offset) / mapping.slope)) + 1);
        }
    }
    return end;
}

// Copies the lists of segments; false if a link is still to be made, which takes too long for the lock.
bool Receiver::find_links() {
    missing_.clear();
    missing_ids_.clear();
    ahead_ns_ = 0;
    for (uint32_t i = 0; i < kMaxRadios; i++) {
        Sender &sender = senders_[i];
        const Slot &slot = ether_.slot(i);
        sender.segments.clear();
        if (slot.state != SlotState::live && slot.state != SlotState::draining) continue;
        if (sender.generation != slot.generation) sender.links.clear();
        sender.generation = slot.generation;
        sender.segments = segments_of(slot.tx);
        for (const auto &segment : sender.segments)
            if (const Link *link = link_for(i, segment)) {
                ahead_ns_ = std::max(ahead_ns_, time_of(link->ahead(), segment.rate_hz));
            } else {
                missing_.emplace_back(i, segment);
                missing_ids_.push_back(id_of(slot));
            }
    }
    return missing_.empty();
}

Link *Receiver::link_for(uint32_t sender, const Segment &segment) {
    for (const auto &link : senders_[sender].links)
        if (link->fits(segment, tuning_)) return link.get();
    return nullptr;
}

void Receiver::add_links() {
    for (size_t i = 0; i < missing_.size(); i++) {
        const auto &[sender, segment] = missing_[i];
        if (link_for(sender, segment)) continue;
        auto &links = senders_[sender].links;
        if (links.size() >= std::max(kMaxLinksPerSender, missing_.size())) links.erase(links.begin());
        links.push_back(std::make_unique<Link>(scene_.link_from(missing_ids_[i]), segment, tuning_));
    }
}

// False if samples that this receiver still needed are overwritten.
bool Receiver::gather(uint32_t sender, int64_t end) {
    for (const auto &segment : senders_[sender].segments) {
        Link *link = link_for(sender, segment);
        if (link && link->audible() && !gather_segment(sender, segment, *link, end)) return false;
    }
    return true;
}

bool Receiver::gather_segment(uint32_t sender, const Segment &segment, Link &link, int64_t end) {
    const Mapping mapping = link.mapping(segment);
    // Outputs that the segment has a part in, one more to be sure.
    const auto early = clamp_time(std::floor((segment.start - link.ahead() - mapping.offset) / mapping.slope)) - 1;
    const auto late = clamp_time(std::ceil((segment.start + segment.length + link.behind() - mapping.offset) / mapping.slope)) + 1;
    const int64_t first = std::max(position_, early), stop = std::min(end, late);
    if (first >= stop || segment.length == 0) return true;
    if (job_count_ == jobs_.size()) jobs_.emplace_back();
    Job &job = jobs_[job_count_];
    job.link = &link;
    job.mapping = mapping;
    job.first = first;
    job.count = static_cast<size_t>(stop - first);
    job.base = static_cast<int64_t>(std::floor(mapping.at(first))) - link.behind();
    const int64_t after = static_cast<int64_t>(std::floor(mapping.at(stop - 1))) + link.ahead() + 2;
    job.input.assign(static_cast<size_t>(after - job.base), Sample());
    const int64_t from = std::max(job.base, segment.start), to = std::min(after, segment.start + segment.length);
    if (from >= to) return true;
    const uint64_t packed = segment.packed + static_cast<uint64_t>(from - segment.start);
    // Under the clock nobody waits for slow receivers.
    if (ether_.slot(sender).tx.written - packed > kRingSamples) return ether_.pace() == Pace::free;
    const Sample *ring = ether_.memory().ring(sender);
    for (int64_t i = from; i < to;) {
        const uint64_t at = (segment.packed + static_cast<uint64_t>(i - segment.start)) % kRingSamples;
        const auto run = static_cast<size_t>(std::min<uint64_t>(kRingSamples - at, static_cast<uint64_t>(to - i)));
        std::copy_n(ring + at, run, job.input.data() + (i - job.base));
        i += static_cast<int64_t>(run);
    }
    job_count_++;
    return true;
}

// Tells the others how far this receiver is and what it still needs.
void Receiver::publish(int64_t end) {
    Reception &rx = ether_.own().rx;
    rx.position_ns = time_of(end, tuning_.rate_hz);
    Header &header = ether_.header();
    header.horizon_ns = std::max(header.horizon_ns, clamp_time(static_cast<long double>(rx.position_ns) + ahead_ns_));
    if (ether_.pace() == Pace::clock) return;
    for (uint32_t i = 0; i < kMaxRadios; i++) {
        uint64_t needed = ether_.slot(i).tx.written;
        for (const auto &segment : senders_[i].segments) {
            const Link *link = link_for(i, segment);
            const int64_t next = clamp_time(std::floor(link->mapping(segment).at(end))) - link->behind();
            if (next >= segment.start + segment.length && !segment.open) continue;
            needed = segment.packed + static_cast<uint64_t>(std::clamp<int64_t>(next - segment.start, 0, segment.length));
            break;
        }
        rx.needed[i] = needed;
    }
    ether_.release_drained();
}

void Receiver::finish(int64_t first, Sample *output, size_t count) {
    std::fill_n(output, count, Sample());
    for (size_t i = 0; i < job_count_; i++) {
        Job &job = jobs_[i];
        job.link->add(job.input, job.base, job.mapping, job.first, output + (job.first - first), job.count);
    }
    const ReceiverConfig &config = scene_.receiver();
    const double noise = std::pow(10, config.noise_dbfs / 10) + std::pow(10, config.noise_dbfs_hz / 10) * tuning_.rate_hz;
    if (noise > 0) add_noise(config.seed, noise, first, output, count);
    const double gain_db = front_end_.gain_db.load();
    const auto gain = static_cast<float>(std::pow(10, gain_db / 20));
    const auto dc = static_cast<float>(front_end_.dc_offset);
    if (gain_db != 0 || dc != 0)
        for (size_t i = 0; i < count; i++) output[i] = gain * output[i] + Sample(dc, dc);
    clip(output, count);
    if (front_end_.eight_bit) quantize_8_bit(output, count);
}

} // namespace heliograph
