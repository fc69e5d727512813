"""The network taken apart, for people who want to see how it decides and how it learns.

One picture on its way forward and back, number by number; what each cell does to the answer;
the gradient checked by nudging; and private copies to take steps with, to train and to break.
"""
