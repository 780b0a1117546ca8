// Blocks of a plain file: each is read by its own worker at its own place.

#include <algorithm>
#include <cstring>
#include <vector>

#include "partition/io/text/block_buffer.hpp"
#include "partition/io/text/block_reader.hpp"
#include "partition/io/text/first_fault.hpp"
#include "partition/io/text/line.hpp"
#include "partition/parallel.hpp"

namespace gasket::text {
namespace {

constexpr std::size_t kOverlap = 4096;  // read behind a range at once, for the end of its last line

const char* find_line_end(const char* begin, const char* end) {
  return begin == end ? nullptr
                      : static_cast<const char*>(std::memchr(begin, '\n', static_cast<std::size_t>(end - begin)));
}

std::uint64_t line_number_at(const InputFile& file, std::uint64_t offset) {
  BigArray<char> piece(std::size_t{1} << 20);
  std::uint64_t line = 1;
  for (std::uint64_t at = 0; at < offset;) {
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(piece.size(), offset - at));
    file.read_at(at, piece.span().first(wanted));
    line += count_lines(piece.data(), piece.data() + wanted);
    at += wanted;
  }
  return line;
}

// A range of a plain file and the worker's buffer it is read into.
class RangeReader {
 public:
  /// The lines that start in bytes low .. high-1 of the file; empty when there are none. Valid until the next call.
  /// `first`: a line starts at `low` whatever precedes it. A last line longer than kMaxLine is cut behind that.
  Block read(const InputFile& file, std::uint64_t low, std::uint64_t high, bool first) {
    start_ = first ? low : low - 1;  // the byte before tells whether a line starts at `low`
    const auto length = static_cast<std::size_t>(high - start_);
    fill(file, 0, length + std::min(length, kOverlap));
    const char* const limit = buffer_.data() + length - 1;  // a line that starts behind this byte is not ours
    const char* begin = buffer_.data();
    if (!first) {
      const char* const stop = find_line_end(begin, limit);
      if (stop == nullptr) return {};
      begin = stop + 1;
    }
    const auto skipped = begin - buffer_.data();
    auto searched = static_cast<std::size_t>(limit - buffer_.data());
    const char* stop;
    while ((stop = find_line_end(buffer_.data() + searched, buffer_.data() + size_)) == nullptr) {
      searched = size_;
      const std::uint64_t beyond = start_ + size_ - high;
      if (start_ + size_ == file.size() || beyond > kMaxLine) {
        buffer_.data()[size_] = '\n';
        stop = buffer_.data() + size_;
        break;
      }
      fill(file, size_, size_ + static_cast<std::size_t>(beyond));  // doubles what is read behind the range
    }
    return {buffer_.data() + skipped, stop + 1};
  }

  /// Where the block that was read last lies in the file.
  std::uint64_t offset_of(const Block& block) {
    return start_ + static_cast<std::uint64_t>(block.begin - buffer_.data());
  }

 private:
  void fill(const InputFile& file, std::size_t have, std::size_t wanted) {
    wanted = static_cast<std::size_t>(std::min<std::uint64_t>(wanted, file.size() - start_));
    buffer_.reserve(wanted, have);
    size_ = have + file.read_at(start_ + have, {buffer_.data() + have, wanted - have});
  }

  BlockBuffer buffer_;
  std::uint64_t start_ = 0;  // of the buffer in the file
  std::size_t size_ = 0;
};

// i-th of n nearly equal parts of 0 .. size.
std::uint64_t part_begin(std::uint64_t size, std::uint64_t i, std::uint64_t n) {
  return size / n * i + size % n * i / n;
}

}  // namespace

void read_plain(const TextFile& text, Share share, std::size_t block_bytes, const BlockSink& sink) {
  const std::uint64_t length = text.file.size() - text.data_begin;
  const auto ranks = static_cast<std::uint64_t>(share.ranks);
  const auto rank = static_cast<std::uint64_t>(share.rank);
  const std::uint64_t begin = text.data_begin + part_begin(length, rank, ranks);
  const std::uint64_t end = text.data_begin + part_begin(length, rank + 1, ranks);
  std::vector<RangeReader> readers(static_cast<std::size_t>(parallel::threads()));
  FirstFault fault;
  parallel::for_each_index(static_cast<std::size_t>((end - begin + block_bytes - 1) / block_bytes), [&](std::size_t i) {
    const std::uint64_t low = begin + i * block_bytes;
    if (fault.is_behind(low)) return;
    RangeReader& reader = readers[static_cast<std::size_t>(parallel::worker_index())];
    const std::uint64_t high = std::min<std::uint64_t>(low + block_bytes, end);
    const Block block = reader.read(text.file, low, high, low == text.data_begin);
    if (block.size() == 0) return;
    try {
      sink(block);
    } catch (BadLine& bad) {
      fault.report(reader.offset_of(block) + bad.offset, std::move(bad.message));
    }
  });
  if (fault.found()) throw_at_line(text, line_number_at(text.file, fault.place()), fault.message());
}

}  // namespace gasket::text
