// Samples and nanoseconds of ether time.
#pragma once
#include <time.h>

#include <cmath>
#include <cstdint>

namespace heliograph {

// Bounds every time that comes from outside: 2^62 ns are 146 years.
constexpr int64_t kMaxTimeNs = int64_t(1) << 62;

inline int64_t clamp_time(long double ns) {
    const auto most = static_cast<long double>(kMaxTimeNs);
    if (!(ns > -most)) return -kMaxTimeNs;
    return ns < most ? static_cast<int64_t>(ns) : kMaxTimeNs;
}

inline int64_t time_of(int64_t index, double rate_hz) { return clamp_time(std::roundl(index * 1e9L / rate_hz)); }

// The sample nearest to a time.
inline int64_t nearest_index(int64_t ns, double rate_hz) { return clamp_time(std::roundl(ns * static_cast<long double>(rate_hz) / 1e9L)); }

// The first sample not before a time; times are rounded to nanoseconds, hence the small tolerance.
inline int64_t index_from(int64_t ns, double rate_hz) {
    return clamp_time(std::ceil(ns * static_cast<long double>(rate_hz) / 1e9L - 0.6e-9L * rate_hz));
}

inline int64_t monotonic_ns() {
    timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return int64_t(now.tv_sec) * 1000000000 + now.tv_nsec;
}

// Sleeps until a time of the monotonic clock.
inline void sleep_until(int64_t ns) {
    const timespec until = {static_cast<time_t>(ns / 1000000000), static_cast<long>(ns % 1000000000)};
    if (ns > 0) clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr);
}

// The end of a wait that begins now; `timeout_us` comes from the caller and may be anything.
inline int64_t deadline_after(long timeout_us) {
    const int64_t longest_us = int64_t(3600) * 24 * 365 * 1000000;
    const int64_t us = timeout_us < 0 ? 0 : timeout_us < longest_us ? timeout_us : longest_us;
    return monotonic_ns() + us * 1000;
}

} // namespace heliograph
