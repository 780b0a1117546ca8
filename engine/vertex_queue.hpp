#pragma once
// Local ids in no particular order, appended by several workers at once: a sparse frontier.

#include <array>
#include <atomic>
#include <span>
#include <utility>

#include "partition/big_array.hpp"
#include "partition/types.hpp"

namespace gasket {

class VertexQueue {
 public:
  VertexQueue() = default;
  /// No more than `capacity` ids may be appended between two clears.
  explicit VertexQueue(std::size_t capacity) : ids_(capacity) {}

  std::span<const LocalId> ids() const { return {ids_.data(), size_}; }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  void clear() { size_ = 0; }
  /// By one worker alone.
  void push(LocalId v) { ids_[size_++] = v; }

  /// One worker's end of the queue: collects a few hundred ids before it takes room for them.
  class Appender {
   public:
    explicit Appender(VertexQueue& queue) : queue_(queue) {}
    Appender(const Appender&) = delete;
    Appender& operator=(const Appender&) = delete;
    ~Appender() { flush(); }
    void push(LocalId v) {
      if (held_ == buffer_.size()) flush();
      buffer_[held_++] = v;
    }

   private:
    void flush() {
      if (held_ == 0) return;
      const std::size_t at = std::atomic_ref<std::size_t>(queue_.size_).fetch_add(held_, std::memory_order_relaxed);
      std::copy_n(buffer_.begin(), held_, queue_.ids_.begin() + at);
      held_ = 0;
    }
    VertexQueue& queue_;
    std::size_t held_ = 0;
    std::array<LocalId, 256> buffer_;
  };

  friend void swap(VertexQueue& a, VertexQueue& b) noexcept {
    std::swap(a.ids_, b.ids_);
    std::swap(a.size_, b.size_);
  }

 private:
  BigArray<LocalId> ids_;
  std::size_t size_ = 0;
};

}  // namespace gasket
