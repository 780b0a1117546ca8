#include "partition/io/text/block_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <limits>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "partition/error.hpp"
#include "partition/io/text/line.hpp"
#include "partition/parallel.hpp"

namespace gasket::text {
namespace {

constexpr std::size_t kOverlap = 4096;  // read behind a range at once, for the end of its last line

// Memory for text whose length is found out while it is read.
class Buffer {
 public:
  char* data() { return bytes_.data(); }

  /// Makes room for `size` bytes, a '\n' after them and the padding; keeps the first `kept` bytes.
  void reserve(std::size_t size, std::size_t kept) {
    const std::size_t needed = size + 1 + kBlockPadding;
    if (needed <= bytes_.size()) return;
    BigArray<char> larger(needed);
    if (kept > 0) std::memcpy(larger.data(), bytes_.data(), kept);
    bytes_ = std::move(larger);
  }

 private:
  BigArray<char> bytes_;
};

const char* find_line_end(const char* begin, const char* end) {
  return begin == end ? nullptr
                      : static_cast<const char*>(std::memchr(begin, '\n', static_cast<std::size_t>(end - begin)));
}

const char* find_last_line_end(const char* begin, const char* end) {
  return begin == end ? nullptr : static_cast<const char*>(memrchr(begin, '\n', static_cast<std::size_t>(end - begin)));
}

// The bad line with the smallest place, from many workers.
class FirstFault {
 public:
  /// Nothing behind this place matters any more.
  bool is_behind(std::uint64_t place) const { return place > place_.load(std::memory_order_relaxed); }
  void report(std::uint64_t place, std::string message) {
    const std::lock_guard lock(guard_);
    if (place >= place_.load(std::memory_order_relaxed)) return;
    place_.store(place, std::memory_order_relaxed);
    message_ = std::move(message);
  }
  bool found() const { return place_.load(std::memory_order_relaxed) != kNone; }
  std::uint64_t place() const { return place_.load(std::memory_order_relaxed); }
  const std::string& message() const { return message_; }

 private:
  static constexpr std::uint64_t kNone = std::numeric_limits<std::uint64_t>::max();
  std::atomic<std::uint64_t> place_{kNone};
  std::mutex guard_;
  std::string message_;
};

[[noreturn]] void throw_at_line(const TextFile& text, std::uint64_t line, const std::string& message) {
  throw InputError(fmt::format("{}:{}: {}", text.file.path(), line, message));
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

  Buffer buffer_;
  std::uint64_t start_ = 0;  // of the buffer in the file
  std::size_t size_ = 0;
};

// i-th of n nearly equal parts of 0 .. size.
std::uint64_t part_begin(std::uint64_t size, std::uint64_t i, std::uint64_t n) {
  return size / n * i + size % n * i / n;
}

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

// Blocks of a compressed text. Each worker does whatever is next: parse a block that is ready or, when nobody is at it,
// decompress one more. So the stream never waits for a worker while a buffer is free, with any number of workers.
class StreamPipeline {
 public:
  StreamPipeline(const TextFile& text, Share share, std::size_t block_bytes, const BlockSink& sink)
      : share_(share),
        block_bytes_(block_bytes),
        sink_(sink),
        stream_(open_stream(text.file, text.compression)),
        free_(static_cast<std::size_t>(parallel::threads()) + 2) {
    skip_to_data(text.data_begin);
  }

  void run() {
    parallel::for_each_index(static_cast<std::size_t>(parallel::threads()), [&](std::size_t) {
      try {
        work();
      } catch (...) {
        const std::lock_guard lock(guard_);
        stopped_ = true;
        changed_.notify_all();
        throw;
      }
    });
  }

  const FirstFault& fault() const { return fault_; }

 private:
  struct Item {
    Buffer buffer;
    Block block;
    std::uint64_t first_line = 0;
  };

  // Counts the lines of what precedes the data.
  void skip_to_data(std::uint64_t bytes) {
    BigArray<char> piece(std::size_t{1} << 16);
    while (bytes > 0) {
      const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(piece.size(), bytes));
      const std::size_t got = stream_->read(piece.span().first(wanted));
      if (got == 0) break;
      lines_ += count_lines(piece.data(), piece.data() + got);
      bytes -= got;
    }
  }

  void work() {
    std::unique_lock lock(guard_);
    while (!stopped_) {
      if (!decompressing_ && !ended_ && !free_.empty()) {
        decompressing_ = true;
        Item item = std::move(free_.back());
        free_.pop_back();
        lock.unlock();
        const bool ours = fill(item);
        lock.lock();
        decompressing_ = false;
        if (ours)
          ready_.push_back(std::move(item));
        else
          free_.push_back(std::move(item));
        changed_.notify_all();
      } else if (!ready_.empty()) {
        Item item = std::move(ready_.front());
        ready_.pop_front();
        lock.unlock();
        parse(item);
        lock.lock();
        free_.push_back(std::move(item));
        changed_.notify_all();
      } else if (ended_ && !decompressing_) {
        return;
      } else {
        changed_.wait(lock);
      }
    }
  }

  void parse(const Item& item) {
    if (fault_.is_behind(item.first_line)) return;
    try {
      sink_(item.block);
    } catch (BadLine& bad) {
      fault_.report(item.first_line + count_lines(item.block.begin, item.block.begin + bad.offset),
                    std::move(bad.message));
    }
  }

  // Puts the next block of whole lines into `item`; true when it is for this rank. Sets ended_ with the last one.
  bool fill(Item& item) {
    if (broken_ || fault_.found()) return drain(item);
    Buffer& buffer = item.buffer;
    std::size_t size = rest_.size();
    std::size_t wanted = std::max(block_bytes_, size + 1);
    buffer.reserve(wanted, 0);
    std::copy(rest_.begin(), rest_.end(), buffer.data());
    const char* stop = nullptr;
    bool last = false;
    while (true) {
      const std::size_t got = stream_->read({buffer.data() + size, wanted - size});
      last = got < wanted - size;
      stop = find_last_line_end(buffer.data() + size, buffer.data() + size + got);
      size += got;
      if (last || stop != nullptr || size > kMaxLine) break;
      wanted = 2 * size;
      buffer.reserve(wanted, size);
    }
    const char* const end = buffer.data() + size;
    broken_ = !last && stop == nullptr;  // one line that is too long: every rank sees it, and none can go on
    const char* const cut = last || broken_ ? end : stop + 1;
    rest_.assign(cut, end);
    item.block = {buffer.data(), cut};
    if (size > 0 && cut[-1] != '\n') {
      buffer.data()[size] = '\n';
      ++item.block.end;
    }
    item.first_line = lines_ + 1;
    lines_ += count_lines(item.block.begin, item.block.end);
    ended_ = last;
    return block_++ % static_cast<std::uint64_t>(share_.ranks) == static_cast<std::uint64_t>(share_.rank) || broken_;
  }

  // Decompresses the rest, for nothing but the question whether it is damaged: damage explains a bad line.
  bool drain(Item& item) {
    item.buffer.reserve(block_bytes_, 0);
    while (stream_->read({item.buffer.data(), block_bytes_}) > 0) continue;
    ended_ = true;
    return false;
  }

  const Share share_;
  const std::size_t block_bytes_;
  const BlockSink& sink_;
  FirstFault fault_;

  // Touched only by the worker that decompresses.
  std::unique_ptr<ByteStream> stream_;
  std::string rest_;  // the beginning of the next block's first line
  std::uint64_t lines_ = 0;
  std::uint64_t block_ = 0;
  bool broken_ = false;

  std::mutex guard_;  // for what follows
  std::condition_variable changed_;
  std::vector<Item> free_;
  std::deque<Item> ready_;
  bool decompressing_ = false;
  std::atomic<bool> ended_ = false;
  bool stopped_ = false;
};

void read_compressed(const TextFile& text, Share share, std::size_t block_bytes, const BlockSink& sink) {
  StreamPipeline pipeline(text, share, block_bytes, sink);
  pipeline.run();
  const FirstFault& fault = pipeline.fault();
  if (fault.found()) throw_at_line(text, fault.place(), fault.message());
}

}  // namespace

void read_blocks(const TextFile& text, Share share, std::size_t block_bytes, const BlockSink& sink) {
  if (text.compression == Compression::none)
    read_plain(text, share, block_bytes, sink);
  else
    read_compressed(text, share, block_bytes, sink);
}

}  // namespace gasket::text
