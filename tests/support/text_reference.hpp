#pragma once
// The slow, obvious reader of text edge lists that the fast one is compared with: one character after the other.

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <tuple>
#include <vector>

namespace gasket::test {

struct ReferenceEdge {
  std::uint64_t source = 0;
  std::uint64_t target = 0;
  double weight = 0;

  auto operator<=>(const ReferenceEdge&) const = default;
};

struct ReferenceText {
  std::vector<ReferenceEdge> edges;  // up to the first bad line
  std::size_t bad_line = 0;          // its number from 1 on, or 0
};

class ReferenceLine {
 public:
  explicit ReferenceLine(std::string line) : line_(std::move(line)) {
    if (!line_.empty() && line_.back() == '\r') line_.pop_back();
  }

  bool at_end() const { return at_ == line_.size(); }
  char peek() const { return at_end() ? '\n' : line_[at_]; }
  bool starts_with(const std::string& what) const { return line_.compare(at_, what.size(), what) == 0; }
  void blanks() {
    while (peek() == ' ' || peek() == '\t') ++at_;
  }
  bool at_separator() const { return peek() == ' ' || peek() == '\t' || peek() == ',' || peek() == ';'; }
  bool separator() {
    if (!at_separator()) return false;
    blanks();
    comma_ = peek() == ',';
    if (peek() == ',' || peek() == ';') ++at_;
    blanks();
    return true;
  }
  // A comma with a digit behind it, where the last separator had none.
  bool at_decimal_comma() const {
    return peek() == ',' && !comma_ && at_ + 1 < line_.size() && line_[at_ + 1] >= '0' && line_[at_ + 1] <= '9';
  }
  bool digits(std::string& text) {
    const std::size_t before = text.size();
    while (peek() >= '0' && peek() <= '9') text += line_[at_++];
    return text.size() > before;
  }
  bool id(std::uint64_t& value) {
    std::string text;
    if (!digits(text)) return false;
    value = 0;
    for (const char c : text) {
      const auto digit = static_cast<std::uint64_t>(c - '0');
      if (value > (UINT64_MAX - digit) / 10) return false;
      value = 10 * value + digit;
    }
    return true;
  }
  bool weight(double& value) {
    std::string text;
    if (peek() == '-' || peek() == '+') text += line_[at_++];
    bool any = digits(text);
    if (peek() == '.') {
      text += line_[at_++];
      any = digits(text) || any;
    }
    if (!any) return false;
    if (peek() == 'e' || peek() == 'E') {
      text += line_[at_++];
      if (peek() == '-' || peek() == '+') text += line_[at_++];
      if (!digits(text)) return false;
    }
    value = std::strtod(text.c_str(), nullptr);
    return std::isfinite(value);
  }

 private:
  std::string line_;
  std::size_t at_ = 0;
  bool comma_ = false;
};

inline ReferenceText read_reference(const std::string& text, bool weighted) {
  ReferenceText result;
  std::size_t number = 0;
  for (std::size_t begin = 0; begin < text.size();) {
    std::size_t end = text.find('\n', begin);
    if (end == std::string::npos) end = text.size();
    ReferenceLine line(text.substr(begin, end - begin));
    ++number;
    begin = end + 1;
    line.blanks();
    if (line.at_end() || line.peek() == '#' || line.peek() == '%' || line.starts_with("//")) continue;
    ReferenceEdge edge;
    bool good = line.id(edge.source) && line.separator() && line.id(edge.target);
    if (weighted) good = good && line.separator() && line.weight(edge.weight) && !line.at_decimal_comma();
    if (!good || !(line.at_end() || line.at_separator())) {
      result.bad_line = number;
      break;
    }
    result.edges.push_back(edge);
  }
  return result;
}

}  // namespace gasket::test
