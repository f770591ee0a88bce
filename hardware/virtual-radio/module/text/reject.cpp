#include "text/reject.hpp"

#include <charconv>
#include <cmath>
#include <stdexcept>

namespace heliograph {

void reject(const std::string &name, const std::string &found, const std::string &allowed) {
    throw std::runtime_error("heliograph radio: " + name + ": found " + found + ", allowed " + allowed);
}

std::string show(double value) {
    char text[64];
    const auto end = std::to_chars(text, text + sizeof text, value).ptr;
    return std::string(text, end);
}

double within(const std::string &name, double value, double min, double max) {
    // Written so that NaN is out of range.
    if (!(value >= min && value <= max)) reject(name, show(value), show(min) + " to " + show(max));
    return value;
}

template <typename Number>
static bool parse(const std::string &text, Number &number) {
    const char *end = text.data() + text.size();
    const auto result = std::from_chars(text.data(), end, number);
    return result.ec == std::errc() && result.ptr == end;
}

double read_number(const std::string &name, const std::string &text, double min, double max) {
    double number = 0;
    if (!parse(text, number)) reject(name, "'" + text + "'", "a number from " + show(min) + " to " + show(max));
    return within(name, number, min, max);
}

uint64_t read_whole(const std::string &name, const std::string &text, uint64_t min, uint64_t max) {
    uint64_t number = 0;
    if (!parse(text, number) || number < min || number > max)
        reject(name, "'" + text + "'", "a whole number from " + std::to_string(min) + " to " + std::to_string(max));
    return number;
}

std::vector<std::string> split(const std::string &text, char separator) {
    std::vector<std::string> parts;
    size_t from = 0;
    for (size_t at; (at = text.find(separator, from)) != std::string::npos; from = at + 1)
        parts.push_back(text.substr(from, at - from));
    parts.push_back(text.substr(from));
    return parts;
}

std::string join(const std::vector<std::string> &parts, const std::string &separator) {
    std::string text;
    for (const auto &part : parts) text += (text.empty() ? "" : separator) + part;
    return text;
}

} // namespace heliograph
