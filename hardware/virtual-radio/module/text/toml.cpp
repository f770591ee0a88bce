#include "text/toml.hpp"

#include <fstream>
#include <iterator>

#include "text/reject.hpp"

namespace heliograph {
namespace {

constexpr size_t kMaxFileBytes = 1 << 20;
constexpr int kMaxDepth = 16;

class Parser {
public:
    Parser(const std::string &name, const std::string &text) : name_(name), text_(text) {}

    TomlValue document() {
        TomlValue root;
        TomlValue *table = &root;
        for (skip(true); at_ < text_.size(); skip(true)) {
            if (peek() == '[') table = &open_table(root);
            else entry(*table, 0);
            end_of_line();
        }
        return root;
    }

private:
    [[noreturn]] void fail(const std::string &allowed) const {
        const std::string found = at_ < text_.size() ? "'" + std::string(1, text_[at_]) + "'" : "the end of the file";
        reject(name_ + ", line " + std::to_string(line_), found, allowed);
    }

    char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

    bool take(char wanted) {
        if (peek() != wanted || at_ >= text_.size()) return false;
        at_++;
        return true;
    }

    void expect(char wanted) {
        if (!take(wanted)) fail("'" + std::string(1, wanted) + "'");
    }

    // Spaces and, where a value may span lines, comments and line ends.
    void skip(bool lines) {
        for (; at_ < text_.size(); at_++) {
            const char c = text_[at_];
            if (c == '#' && lines) {
                while (at_ + 1 < text_.size() && text_[at_ + 1] != '\n') at_++;
            } else if (c == '\n' && lines) {
                line_++;
            } else if (c != ' ' && c != '\t' && c != '\r') {
                return;
            }
        }
    }

    void end_of_line() {
        skip(false);
        if (at_ < text_.size() && peek() != '\n' && peek() != '#') fail("the end of the line");
    }

    std::string key() {
        if (peek() == '"') return string();
        const size_t from = at_;
        while (at_ < text_.size() && (isalnum(static_cast<unsigned char>(peek())) || peek() == '_' || peek() == '-')) at_++;
        if (from == at_) fail("a name");
        return text_.substr(from, at_ - from);
    }

    // [table], [[array of tables]]; `[[link]] [link.multipath]` belongs to the last link.
    TomlValue &open_table(TomlValue &root) {
        expect('[');
        const bool array = take('[');
        TomlValue *table = &root;
        std::string last = (skip(false), key());
        for (skip(false); take('.'); skip(false)) {
            table = &inner(*table, last, false);
            skip(false);
            last = key();
        }
        table = &inner(*table, last, array);
        expect(']');
        if (array) expect(']');
        return *table;
    }

    TomlValue &inner(TomlValue &table, const std::string &name, bool append) {
        TomlValue &value = table.fields[name];
        if (append) {
            if (value.kind == TomlValue::Kind::table && value.fields.empty()) value.kind = TomlValue::Kind::array;
            if (value.kind != TomlValue::Kind::array) fail("one kind of table of this name");
            value.items.emplace_back();
        }
        if (value.kind == TomlValue::Kind::array && !value.items.empty() && value.items.back().kind == TomlValue::Kind::table)
            return value.items.back();
        if (value.kind != TomlValue::Kind::table) fail("a table of this name");
        return value;
    }

    void entry(TomlValue &table, int depth) {
        const std::string name = key();
        skip(false);
        if (table.fields.count(name)) fail("each name once ('" + name + "' is there already)");
        expect('=');
        skip(false);
        TomlValue read = value(depth + 1);
        table.fields[name] = std::move(read);
    }

    TomlValue value(int depth) {
        if (depth > kMaxDepth) fail("at most " + std::to_string(kMaxDepth) + " levels");
        TomlValue result;
        if (peek() == '"' || peek() == '\'') {
            result.kind = TomlValue::Kind::text;
            result.text = string();
        } else if (peek() == '[') {
            array(result, depth);
        } else if (peek() == '{') {
            inline_table(result, depth);
        } else {
            scalar(result);
        }
        return result;
    }

    std::string string() {
        const char quote = peek();
        std::string text;
        for (at_++; peek() != quote; at_++) {
            if (at_ >= text_.size() || peek() == '\n') fail("the closing quote");
            if (quote == '"' && peek() == '\\') {
                at_++;
                if (peek() != '"' && peek() != '\\') fail("\\\" or \\\\ after a backslash");
            }
            text += peek();
        }
        at_++;
        return text;
    }

    void array(TomlValue &result, int depth) {
        result.kind = TomlValue::Kind::array;
        expect('[');
        for (skip(true); !take(']'); skip(true)) {
            result.items.push_back(value(depth + 1));
            skip(true);
            if (!take(',') && peek() != ']') fail("',' or ']'");
        }
    }

    void inline_table(TomlValue &result, int depth) {
        expect('{');
        for (skip(false); !take('}'); skip(false)) {
            entry(result, depth);
            skip(false);
            if (!take(',') && peek() != '}') fail("',' or '}'");
        }
    }

    void scalar(TomlValue &result) {
        const size_t from = at_;
        while (at_ < text_.size() && (isalnum(static_cast<unsigned char>(peek())) || std::string("+-._").find(peek()) != std::string::npos)) at_++;
        std::string word = text_.substr(from, at_ - from);
        if (word.empty()) fail("a value");
        if (word == "true" || word == "false") {
            result.kind = TomlValue::Kind::boolean;
            result.boolean = word == "true";
            return;
        }
        result.kind = TomlValue::Kind::number;
        if (word[0] == '+') word.erase(0, 1);
        result.number = read_number(name_ + ", line " + std::to_string(line_), word, -1e300, 1e300);
    }

    const std::string &name_;
    const std::string &text_;
    size_t at_ = 0;
    int line_ = 1;
};

} // namespace

TomlValue parse_toml(const std::string &name, const std::string &text) { return Parser(name, text).document(); }

TomlValue read_toml_file(const std::string &path) {
    std::ifstream file(path, std::ios::binary);
    std::string text(kMaxFileBytes + 1, '\0');
    if (!file || !(file.read(&text[0], static_cast<std::streamsize>(text.size())), file.eof()) )
        reject("scene", "'" + path + "', which cannot be read or is longer", "a TOML file of at most 1 MiB");
    text.resize(static_cast<size_t>(file.gcount()));
    return parse_toml("scene " + path, text);
}

} // namespace heliograph
