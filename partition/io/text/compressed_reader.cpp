// Blocks of a compressed file. Each worker does whatever is next: parse a block that is ready or, when nobody is at it,
// decompress one more. So the stream never waits for a worker while a buffer is free, with any number of workers.

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "partition/io/text/block_buffer.hpp"
#include "partition/io/text/block_reader.hpp"
#include "partition/io/text/first_fault.hpp"
#include "partition/io/text/line.hpp"
#include "partition/parallel.hpp"

namespace gasket::text {
namespace {

const char* find_last_line_end(const char* begin, const char* end) {
  return begin == end ? nullptr : static_cast<const char*>(memrchr(begin, '\n', static_cast<std::size_t>(end - begin)));
}

class StreamPipeline {
 public:
  StreamPipeline(const TextFile& text, Share share, std::size_t block_bytes, const BlockSink& sink,
                 const Numbering* numbering)
      : share_(share),
        block_bytes_(block_bytes),
        sink_(sink),
        numbering_(numbering),
        longest_line_(text.longest_line),
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
    BlockBuffer buffer;
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
    BlockBuffer& buffer = item.buffer;
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
      if (last || stop != nullptr || size > longest_line_) break;
      wanted = 2 * size;
      buffer.reserve(wanted, size);
    }
    const char* const end = buffer.data() + size;
    broken_ = !last && stop == nullptr;  // one line that is too long: every rank sees it, and none can go on
    const char* const cut = last || broken_ ? end : stop + 1;
    rest_.assign(cut, end);
    item.block = {.begin = buffer.data(), .end = cut, .before = counted_};
    if (size > 0 && cut[-1] != '\n') {
      buffer.data()[size] = '\n';
      ++item.block.end;
    }
    item.first_line = lines_ + 1;
    lines_ += count_lines(item.block.begin, item.block.end);
    if (numbering_ != nullptr) counted_ += numbering_->count(item.block);
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
  const Numbering* const numbering_;
  const std::size_t longest_line_;
  FirstFault fault_;

  // Touched only by the worker that decompresses.
  std::unique_ptr<ByteStream> stream_;
  std::string rest_;  // the beginning of the next block's first line
  std::uint64_t lines_ = 0;
  std::uint64_t counted_ = 0;  // by numbering_
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

}  // namespace

void read_compressed(const TextFile& text, Share share, std::size_t block_bytes, const BlockSink& sink,
                     const Numbering* numbering) {
  StreamPipeline pipeline(text, share, block_bytes, sink, numbering);
  pipeline.run();
  const FirstFault& fault = pipeline.fault();
  if (fault.found()) throw_at_line(text, fault.place(), fault.message());
}

}  // namespace gasket::text
