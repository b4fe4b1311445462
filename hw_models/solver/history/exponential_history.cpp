#include "hw_models/solver/history/exponential_history.hpp"

#include <cmath>

namespace tellegen {

ExponentialCoefficients::ExponentialCoefficients(double order, const TimeGrid& grid) {
  const int whole = static_cast<int>(std::ceil(order));
  const auto sum = exponential_sum(whole - order, terms_of(grid.history), grid);
  const double h = grid.step;
  const bool takes_derivative = whole > 0;
  chain_order = takes_derivative ? whole - 1 : whole;
  switch (grid.method) {
    case Method::be:
      if (takes_derivative) x0 = 1 / h, x1 = -1 / h;
      break;
    case Method::bdf2:
      two_steps = true;
      if (takes_derivative) x0 = 1.5 / h, x1 = -2 / h, x2 = 0.5 / h;
      break;
    case Method::trap:
      x1 = 1;
      if (takes_derivative) x0 = 2 / h, x1 = -2 / h;
      break;
  }
  for (std::size_t j = 0; j < sum.rate.size(); ++j) {
    const double decay = h * sum.rate[j];
    double under = 1 + decay, last = 1, before_last = 0;  // under v_n = last v_{n-1} + before_last v_{n-2} + h ...
    if (grid.method == Method::bdf2) under = 1.5 + decay, last = 2, before_last = -0.5;
    if (grid.method == Method::trap) under = 2 + decay, last = 2 - decay;
    const double own_gain = sum.weight[j] * h / under;
    gain += own_gain;
    near.push_back(last / under);
    far.push_back(before_last / under);
    gain_near.push_back(own_gain * near.back());
    gain_far.push_back(own_gain * far.back());
  }
}

}  // namespace tellegen
