#pragma once
// Local ids in no particular order, appended by several workers at once: a sparse frontier.
//
// A loop over a small frontier may append in parts: neighbours in the frontier then beget neighbours, and a worker finds in
// its share of a superstep what it had in its cache the superstep before. The parts are put in a row where that is asked
// for; the next loop may as well take them as they are, and no id has left the cache of the worker that appended it.

#include <algorithm>
#include <array>
#include <atomic>
#include <span>
#include <utility>
#include <vector>

#include "partition/big_array.hpp"
#include "partition/types.hpp"

namespace gasket {

class VertexQueue {
 public:
  VertexQueue() = default;
  /// No more than `capacity` ids may be appended between two clears; in up to `parts` parts.
  explicit VertexQueue(std::size_t capacity, std::size_t parts = 0)
      : ids_(BigArray<LocalId>::on_whole_pages(capacity)), parts_(parts) {}

  /// Not while it is left in parts, nor may ids be appended then but in parts.
  std::span<const LocalId> ids() const { return {ids_.data(), size_}; }
  std::size_t size() const { return size_ + in_parts_; }
  bool empty() const { return size() == 0; }
  void clear() {
    if (in_parts_ > 0)
      for (std::vector<LocalId>& part : parts_) part.clear();
    size_ = in_parts_ = 0;
  }
  /// By one worker alone.
  void push(LocalId v) { ids_[size_++] = v; }

  /// Appends what the parts hold, the first part first.
  void join_parts() {
    for (std::vector<LocalId>& part : parts_) {
      if (part.empty()) continue;
      std::ranges::copy(part, ids_.begin() + size_);
      size_ += part.size();
      part.clear();
    }
    in_parts_ = 0;
  }
  /// Leaves the queue in parts after a loop that has appended to them, if it was empty before.
  void leave_in_parts() {
    if (size_ > 0) return join_parts();
    for (const std::vector<LocalId>& part : parts_) in_parts_ += part.size();
  }
  /// The parts it was left in, or none where one of them would hold up the loop over all.
  std::span<const std::vector<LocalId>> even_parts() const {
    if (in_parts_ == 0) return {};
    const std::size_t most = std::ranges::max(parts_, {}, &std::vector<LocalId>::size).size();
    return 4 * most * parts_.size() <= 5 * in_parts_ ? std::span(parts_) : std::span<const std::vector<LocalId>>();
  }

  static constexpr std::size_t no_part = ~std::size_t{0};

  /// One worker's end of the queue, or of a part of it: collects a few hundred ids before it takes room for them.
  class Appender {
   public:
    explicit Appender(VertexQueue& queue, std::size_t part = no_part)
        : queue_(queue), part_(part == no_part ? nullptr : &queue.parts_[part]) {}
    Appender(const Appender&) = delete;
    Appender& operator=(const Appender&) = delete;
    ~Appender() { flush(); }
    void push(LocalId v) {
      if (held_ == buffer_.size()) flush();
      buffer_[held_++] = v;
    }
    static constexpr std::size_t kRoom = 256;
    /// Up to kRoom of them.
    void push(std::span<const LocalId> some) {
      if (some.size() > buffer_.size() - held_) flush();
      std::ranges::copy(some, buffer_.begin() + held_);
      held_ += some.size();
    }

   private:
    void flush() {
      if (held_ == 0) return;
      if (part_ != nullptr)
        part_->insert(part_->end(), buffer_.begin(), buffer_.begin() + held_);
      else
        take_room();
      held_ = 0;
    }
    void take_room() {
      const std::size_t at = std::atomic_ref<std::size_t>(queue_.size_).fetch_add(held_, std::memory_order_relaxed);
      std::copy_n(buffer_.begin(), held_, queue_.ids_.begin() + at);
    }
    VertexQueue& queue_;
    std::vector<LocalId>* part_;
    std::size_t held_ = 0;
    std::array<LocalId, kRoom> buffer_;
  };

  friend void swap(VertexQueue& a, VertexQueue& b) noexcept {
    std::swap(a.ids_, b.ids_);
    std::swap(a.size_, b.size_);
    std::swap(a.parts_, b.parts_);
    std::swap(a.in_parts_, b.in_parts_);
  }

 private:
  BigArray<LocalId> ids_;
  std::size_t size_ = 0;
  std::vector<std::vector<LocalId>> parts_;
  std::size_t in_parts_ = 0;  // how many ids, when they are left there
};

}  // namespace gasket
