// Errors that name the setting, what was found and what is allowed; numbers read without regard to the locale.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace heliograph {

[[noreturn]] void reject(const std::string &name, const std::string &found, const std::string &allowed);

// Shortest decimal text of a number, for messages.
std::string show(double value);

// `value` if it lies within, else an error.
double within(const std::string &name, double value, double min, double max);

double read_number(const std::string &name, const std::string &text, double min, double max);
uint64_t read_whole(const std::string &name, const std::string &text, uint64_t min, uint64_t max);

std::vector<std::string> split(const std::string &text, char separator);
std::string join(const std::vector<std::string> &parts, const std::string &separator);

} // namespace heliograph
