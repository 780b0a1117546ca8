#pragma once
// The text of a file from its beginning to its end, plain or decompressed. Which it is, the first bytes of the file
// say, not its name.

#include <cstddef>
#include <memory>
#include <span>

#include "partition/io/text/input_file.hpp"

namespace gasket::text {

enum class Compression { none, gzip, zstd };

/// Throws InputError for an archive of another kind, which it names.
Compression detect_compression(const InputFile& file);

class ByteStream {
 public:
  virtual ~ByteStream() = default;

  /// Fills `bytes` with the next of the text; fewer only at its end, where it returns 0. Throws InputError when the
  /// compressed file is truncated or damaged, or something else follows it.
  virtual std::size_t read(std::span<char> bytes) = 0;
  /// Bytes of the file that have gone into what was read.
  virtual std::uint64_t taken() const = 0;
};

/// A stream over `file`, which must outlive it. Holds at most a megabyte of the file and what the decompressor needs
/// (zstd: up to 128 MiB, as its frames ask).
std::unique_ptr<ByteStream> open_stream(const InputFile& file, Compression compression);

}  // namespace gasket::text
