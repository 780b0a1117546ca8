#pragma once
// The grammar of one line, read the plain way: the parser's fallback for every line its fast path does not know, and
// the only place where the rules are written down.
//
//   edge    = blanks id separator id [separator weight] [separator anything]
//   arc     = "a" blanks edge, among lines that begin with "c" and are skipped (DIMACS)
//   vertex  = blanks id [separator anything]
//   skipped = blanks, or blanks followed by '#', '%' or '//' and anything
//   id      = digits, at most 2^64 - 1;  weight = a finite decimal number
//   separator = blanks, with at most one ',' or ';' among them;  blanks = spaces and tabs
//
// A line ends at '\n'; a '\r' before it belongs to the end. No line is longer than kMaxLine bytes.

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace gasket::text {

inline constexpr std::size_t kMaxLine = std::size_t{1} << 20;

inline bool is_blank(char c) { return c == ' ' || c == '\t'; }
inline bool is_digit(char c) { return c >= '0' && c <= '9'; }
/// Whether what ends the weight weight .. at-1, in a line that goes on to `end`, is a decimal comma: one that digits
/// follow, where no comma stands before the weight. Other columns must.
bool is_decimal_comma(const char* weight, const char* at, const char* end);
inline bool is_separator(char c) { return is_blank(c) || c == ',' || c == ';'; }

enum class LineKind { skipped, good, bad };

/// What is made of an edge's third column.
enum class Third {
  ignored,  // anything or nothing
  weight,   // a number, which must be there
  absent,   // it must not be there
};

/// What the lines of a file are.
struct EdgeGrammar {
  Third third = Third::ignored;
  bool arcs = false;
};

struct EdgeLine {
  LineKind kind = LineKind::bad;
  std::uint64_t source = 0;
  std::uint64_t target = 0;
  double weight = 0;
};

struct VertexLine {
  LineKind kind = LineKind::bad;
  std::uint64_t id = 0;
};

/// Takes the '\r' of a line end of Windows away.
inline std::string_view without_carriage_return(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

/// Whether a line, of any length, is blank or a comment.
bool is_blank_or_comment(std::string_view line);
/// The same, and it is not too long to be a line.
bool is_skipped(std::string_view line);

/// Reads a line without its line end. O(length).
EdgeLine read_edge_line(std::string_view line, EdgeGrammar grammar);
VertexLine read_vertex_line(std::string_view line);

/// Steps over digits from `at` on and puts their number into `id`; false when there is no digit, or the number needs
/// more than 64 bits.
bool read_id(const char*& at, const char* end, std::uint64_t& id);
/// Steps over one separator; false when there is none.
bool read_separator(const char*& at, const char* end);
/// Steps over a finite decimal number; false when there is none. Correctly rounded; too small a number is zero.
bool read_weight(const char*& at, const char* end, double& weight);

}  // namespace gasket::text
