#include "partition/io/text/text_file.hpp"

#include <fmt/format.h>

#include <cctype>
#include <string_view>

#include "partition/error.hpp"

namespace gasket::text {
namespace {

int count_columns(std::string_view line) {
  line = without_carriage_return(line);
  const char* at = line.data();
  const char* const end = at + line.size();
  while (at != end && is_blank(*at)) ++at;
  int columns = 0;
  while (at != end) {
    if (!is_separator(*at)) ++columns;
    while (at != end && !is_separator(*at)) ++at;
    read_separator(at, end);
  }
  return columns;
}

TextFile open_compressed(const std::string& path, const std::string& expected) {
  TextFile text{.file = InputFile(path, expected)};
  if (text.file.size() == 0) return text;
  text.compression = detect_compression(text.file);
  return text;
}

// Reads on to the first line that is neither blank nor a comment.
void look_at_data(HeadReader& lines, TextFile& text, const std::function<bool(std::string_view)>& is_header) {
  bool may_be_header = static_cast<bool>(is_header);
  std::string_view line;
  while (lines.next(line)) {
    if (is_skipped(line)) continue;
    if (may_be_header && is_header(line)) {
      may_be_header = false;
      continue;
    }
    text.columns = count_columns(line);
    text.columns_line = lines.line_number();
    break;
  }
}

}  // namespace

bool begins_with_word(std::string_view line) {
  while (!line.empty() && is_blank(line.front())) line.remove_prefix(1);
  if (line.starts_with('"')) return line.size() > 1 && std::isdigit(static_cast<unsigned char>(line[1])) == 0;
  return !line.empty() && (std::isalpha(static_cast<unsigned char>(line.front())) != 0 || line.front() == '_');
}

TextFile open_text_file(const std::string& path, const std::string& expected,
                        const std::function<bool(std::string_view)>& is_header) {
  TextFile text = open_compressed(path, expected);
  HeadReader lines(text.file, text.compression);
  look_at_data(lines, text, is_header);
  text.data_begin = lines.offset();
  return text;
}

TextFile open_text_file_with_head(const std::string& path, const std::string& expected,
                                  const std::function<void(HeadReader&)>& read_head) {
  TextFile text = open_compressed(path, expected);
  if (text.file.size() == 0) throw InputError(fmt::format("{}: is empty, expected {}", path, expected));
  HeadReader lines(text.file, text.compression);
  read_head(lines);
  text.data_begin = lines.next_offset();
  look_at_data(lines, text, {});
  return text;
}

}  // namespace gasket::text
