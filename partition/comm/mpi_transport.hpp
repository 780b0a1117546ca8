#pragma once
// Transport over MPI_COMM_WORLD. Needs MPI_THREAD_FUNNELED only.

#include <chrono>

#include "partition/comm/transport.hpp"

namespace gasket {

class MpiTransport final : public Transport {
 public:
  MpiTransport();

  int rank() const override { return rank_; }
  int size() const override { return size_; }
  Ticket send(int to, Tag tag, std::span<const std::byte> bytes, Sent done_when) override;
  Ticket receive(int from, Tag tag, std::span<std::byte> into) override;
  Ticket all_gather(std::span<const std::byte> mine, std::span<std::byte> all) override;
  bool test(Ticket& ticket) override;
  void idle() override;

  /// From now on Error(lost_peer) is thrown, not agreed, when nothing has come or gone for that long while this rank had
  /// nothing else to do; 0: others may take as long as they like.
  void set_patience(double seconds) { patience_ = seconds; }

 private:
  int rank_ = 0;
  int size_ = 1;
  double patience_ = 0;
  bool waiting_ = false;
  std::chrono::steady_clock::time_point waiting_since_{};
};

}  // namespace gasket
