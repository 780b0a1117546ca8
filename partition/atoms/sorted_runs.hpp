#pragma once
// Sorting more than memory holds: workers write ascending runs to a file, and one reader merges the runs of all files
// (external merge sort). Memory: a buffer per run while they are read, kMergeBytes in all unless the runs are very many.

#include <algorithm>
#include <deque>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "partition/big_array.hpp"
#include "partition/error.hpp"
#include "partition/io/text/input_file.hpp"
#include "partition/io/unfinished.hpp"

namespace gasket {

/// A piece of a file of runs, in bytes.
struct SortedRun {
  std::uint64_t offset = 0;
  std::uint64_t bytes = 0;
  std::uint32_t file = 0;  // among those that are merged
};

/// A file that is there as long as this.
class RunFile {
 public:
  /// `number`: what its runs have as their file. Throws InputError when it cannot be created, ResourceError when the disk
  /// is full.
  RunFile(std::string path, std::uint32_t number);
  RunFile(const RunFile&) = delete;
  RunFile& operator=(const RunFile&) = delete;
  ~RunFile();

  /// By several workers at once. Throws ResourceError when the disk is full.
  template <class T>
  void append(std::span<const T> ascending) {
    append_bytes({reinterpret_cast<const char*>(ascending.data()), ascending.size_bytes()});
  }
  /// When nobody appends any more: other hosts that share the folder see all from here on. Throws ResourceError when the
  /// disk is full.
  void end();
  const std::vector<SortedRun>& runs() const { return runs_; }

 private:
  void append_bytes(std::span<const char> bytes);

  std::string path_;
  Unfinished unfinished_;
  int handle_ = -1;
  std::uint32_t number_;
  std::mutex guard_;
  std::uint64_t bytes_ = 0;
  std::vector<SortedRun> runs_;
};

/// Hands out the values of all runs in ascending order.
template <class T>
class MergedRuns {
 public:
  static constexpr std::size_t kMergeBytes = std::size_t{32} << 20, kLeastBytes = std::size_t{4} << 10,
                               kMostBytes = std::size_t{1} << 20;

  /// Throws InputError when a file is not there; this and next() when it is shorter than it was written.
  MergedRuns(const std::vector<std::string>& paths, std::span<const SortedRun> runs) {
    std::vector<const text::InputFile*> files(paths.size());  // those with runs: a process may have few open
    const std::size_t room = std::clamp(kMergeBytes / std::max<std::size_t>(runs.size(), 1), kLeastBytes, kMostBytes);
    for (const SortedRun& run : runs) {
      if (files[run.file] == nullptr) files[run.file] = &files_.emplace_back(paths[run.file], "sorted runs");
      readers_.push_back({files[run.file], run.offset, run.offset + run.bytes});
    }
    for (std::size_t r = 0; r < readers_.size(); ++r)
      if (readers_[r].advance(room)) heap_.push_back(r);
    room_ = room;
    std::ranges::make_heap(heap_, later());
  }

  /// False when there are no more.
  bool next(T& value) {
    if (heap_.empty()) return false;
    std::ranges::pop_heap(heap_, later());
    Reader& reader = readers_[heap_.back()];
    value = reader.first();
    ++reader.at;
    if (reader.advance(room_))
      std::ranges::push_heap(heap_, later());
    else
      heap_.pop_back();
    return true;
  }

 private:
  struct Reader {
    const text::InputFile* file;
    std::uint64_t begin, end;  // of what is not in the buffer yet
    BigArray<T> buffer{};
    std::size_t at = 0;

    const T& first() const { return buffer[at]; }
    // Sees to it that there is a first; false when the run has ended.
    bool advance(std::size_t room) {
      if (at < buffer.size()) return true;
      const std::uint64_t bytes = std::min<std::uint64_t>(end - begin, room / sizeof(T) * sizeof(T));
      if (bytes == 0) {
        buffer.free();
        return false;
      }
      if (buffer.size() != bytes / sizeof(T)) buffer = BigArray<T>(bytes / sizeof(T));
      if (file->read_at(begin, {reinterpret_cast<char*>(buffer.data()), bytes}) != bytes)
        throw InputError(file->path() + ": is shorter than it was written; all ranks must share the folder");
      begin += bytes;
      at = 0;
      return true;
    }
  };
  auto later() const {
    return [this](std::size_t a, std::size_t b) { return readers_[b].first() < readers_[a].first(); };
  }

  std::deque<text::InputFile> files_;
  std::vector<Reader> readers_;
  std::vector<std::size_t> heap_;  // readers with a first value, the least on top
  std::size_t room_ = 0;
};

}  // namespace gasket
