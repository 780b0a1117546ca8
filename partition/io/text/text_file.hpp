#pragma once
// One text file: how it is compressed, and where its data begins behind a byte order mark, comments and a header line.

#include <cstdint>
#include <string>

#include "partition/io/text/byte_stream.hpp"
#include "partition/io/text/input_file.hpp"

namespace gasket::text {

struct TextFile {
  InputFile file;
  Compression compression = Compression::none;
  /// Offset in the text of the first line that is not a comment, not blank and not the header; the text's length when
  /// there is none.
  std::uint64_t data_begin = 0;
  /// Columns of that line; 0 when there is none.
  int columns = 0;
};

/// Opens a file and reads it up to its first line of data. With `header`, a first line that begins with a letter, '_'
/// or
/// '"' is a header and skipped. InputError when the file cannot be read, or is damaged this early.
TextFile open_text_file(const std::string& path, const std::string& expected, bool header);

}  // namespace gasket::text
