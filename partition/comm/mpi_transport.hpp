#pragma once
// Transport over MPI_COMM_WORLD. Needs MPI_THREAD_FUNNELED only.

#include "partition/comm/transport.hpp"

namespace gasket {

class MpiTransport final : public Transport {
 public:
  MpiTransport();

  int rank() const override { return rank_; }
  int size() const override { return size_; }
  Ticket send(int to, Tag tag, std::span<const std::byte> bytes) override;
  Ticket receive(int from, Tag tag, std::span<std::byte> into) override;
  Ticket all_gather(std::span<const std::byte> mine, std::span<std::byte> all) override;
  bool test(Ticket& ticket) override;
  void idle() override;

 private:
  int rank_ = 0;
  int size_ = 1;
};

}  // namespace gasket
