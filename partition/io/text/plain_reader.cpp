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
  /// `first`: a line starts at `low` whatever precedes it. A last line longer than text.longest_line is cut behind that.
  Block read(const TextFile& text, std::uint64_t low, std::uint64_t high, bool first) {
    const InputFile& file = text.file;
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
      if (start_ + size_ == file.size() || beyond > text.longest_line) {
        buffer_.data()[size_] = '\n';
        stop = buffer_.data() + size_;
        break;
      }
      fill(file, size_, size_ + static_cast<std::size_t>(beyond));  // doubles what is read behind the range
    }
    return {.begin = buffer_.data() + skipped, .end = stop + 1};
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

// Calls visit(i, block, offset) for the blocks of the share that have lines, on all workers; wanted(offset) may leave
// some out. Returns how many blocks there are, with those that have none.
template <class Wanted, class Visit>
std::size_t for_each_block(const TextFile& text, Share share, std::size_t block_bytes, const Wanted& wanted,
                           const Visit& visit) {
  const std::uint64_t length = text.file.size() - text.data_begin;
  const auto ranks = static_cast<std::uint64_t>(share.ranks);
  const auto rank = static_cast<std::uint64_t>(share.rank);
  const std::uint64_t begin = text.data_begin + part_begin(length, rank, ranks);
  const std::uint64_t end = text.data_begin + part_begin(length, rank + 1, ranks);
  std::vector<RangeReader> readers(static_cast<std::size_t>(parallel::threads()));
  const auto blocks = static_cast<std::size_t>((end - begin + block_bytes - 1) / block_bytes);
  parallel::for_each_index(blocks, [&](std::size_t i) {
    const std::uint64_t low = begin + i * block_bytes;
    if (!wanted(low)) return;
    RangeReader& reader = readers[static_cast<std::size_t>(parallel::worker_index())];
    const std::uint64_t high = std::min<std::uint64_t>(low + block_bytes, end);
    const Block block = reader.read(text, low, high, low == text.data_begin);
    if (block.size() > 0) visit(i, block, reader.offset_of(block));
  });
  return blocks;
}

}  // namespace

std::vector<std::uint64_t> count_plain(const TextFile& text, Share share, std::size_t block_bytes,
                                       const Numbering& numbering) {
  const std::uint64_t most = (text.file.size() - text.data_begin) / block_bytes + 2;
  std::vector<std::uint64_t> counts(static_cast<std::size_t>(most));
  counts.resize(for_each_block(
      text, share, block_bytes, [](std::uint64_t) { return true; },
      [&](std::size_t i, const Block& block, std::uint64_t) { counts[i] = numbering.count(block); }));
  return counts;
}

void read_plain(const TextFile& text, Share share, std::size_t block_bytes, const BlockSink& sink,
                const Numbering* numbering) {
  FirstFault fault;
  for_each_block(
      text, share, block_bytes, [&](std::uint64_t low) { return !fault.is_behind(low); },
      [&](std::size_t i, Block block, std::uint64_t offset) {
        if (numbering != nullptr) block.before = numbering->before[i];
        try {
          sink(block);
        } catch (BadLine& bad) {
          fault.report(offset + bad.offset, std::move(bad.message));
        }
      });
  if (fault.found()) throw_at_line(text, line_number_at(text.file, fault.place()), fault.message());
}

}  // namespace gasket::text
