#pragma once
// One text file: how it is compressed, and where its data begins behind a byte order mark, comments and what its format
// says in the first lines.

#include <cstdint>
#include <functional>
#include <string>

#include "partition/io/text/head_reader.hpp"
#include "partition/io/text/line.hpp"

namespace gasket::text {

struct TextFile {
  InputFile file;
  Compression compression = Compression::none;
  /// Offset in the text of the first line of data; the text's length when there is none.
  std::uint64_t data_begin = 0;
  /// Columns of the first line of data that is neither blank nor a comment; 0 when there is none.
  int columns = 0;
  std::uint64_t columns_line = 0;  // its number
  /// A line of more bytes is refused.
  std::size_t longest_line = kMaxLine;
};

/// Opens a file and reads it up to its first line that is not a comment and not blank. A first such
/// line for which is_header holds is skipped. InputError when the file cannot be read, or is damaged this early.
TextFile open_text_file(const std::string& path, const std::string& expected,
                        const std::function<bool(std::string_view)>& is_header = {});

/// Opens a file of a format that begins with lines of its own: read_head reads them, and the data begins behind the last
/// line that it read.
TextFile open_text_file_with_head(const std::string& path, const std::string& expected,
                                  const std::function<void(HeadReader&)>& read_head);

/// Whether a line begins with a letter, '_' or '"', as the names of columns do.
bool begins_with_word(std::string_view line);

}  // namespace gasket::text
