// The part of TOML that scenes need: tables, arrays of tables, strings, numbers, booleans, arrays and inline tables.
// Anything else (dates, multi-line strings, dotted keys, numbers in other bases) is an error with its line.
#pragma once
#include <map>
#include <string>
#include <vector>

namespace heliograph {

struct TomlValue {
    enum class Kind { number, text, boolean, array, table };
    Kind kind = Kind::table;
    double number = 0;
    bool boolean = false;
    std::string text;
    std::vector<TomlValue> items;
    std::map<std::string, TomlValue> fields;
};

// `name` stands in messages.
TomlValue parse_toml(const std::string &name, const std::string &text);

// Reads at most 1 MiB.
TomlValue read_toml_file(const std::string &path);

} // namespace heliograph
